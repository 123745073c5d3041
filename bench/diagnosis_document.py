#!/usr/bin/env python3
"""Writes docs/diagnosis.md: what a diagnosis looks for, with a run for each finding.

    python3 bench/diagnosis_document.py [--rectify build/bin/rectify] [--out docs/diagnosis.md]

Each command is run in an empty folder, and what it prints stands below it.
"""
import argparse
import pathlib
import shlex
import subprocess
import tempfile

TEXT = pathlib.Path(__file__).with_suffix(".md")


def output(command, folder, rectify):
    """What the command prints: findings alone, not the table below them."""
    words = shlex.split(command)
    assert words[0] == "rectify"
    done = subprocess.run([rectify, *words[1:]], cwd=folder, capture_output=True, text=True)
    if words[1] == "train":
        lines = [line for line in done.stderr.splitlines() if "warning" in line or "error" in line]
        return "\n".join(lines)
    text = done.stdout if done.stdout else done.stderr
    return text.split("\n\n")[0].strip()  # the table of layers and the summary follow


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rectify", default="build/bin/rectify")
    parser.add_argument("--out", default="docs/diagnosis.md")
    args = parser.parse_args()
    rectify = str(pathlib.Path(args.rectify).resolve())
    rules = subprocess.run([rectify, "preflight", "--rules"], capture_output=True, text=True,
                           check=True).stdout
    result = []
    with tempfile.TemporaryDirectory() as folder:
        for line in TEXT.read_text().splitlines():
            if line == "RULES":
                result += rules.splitlines()
            elif line.startswith("$ "):
                result.append("    " + line)
                text = output(line[2:], folder, rectify)
                result += ["    " + part if part else "" for part in text.splitlines()]
            else:
                result.append(line)
    pathlib.Path(args.out).write_text("\n".join(result) + "\n")


main()
