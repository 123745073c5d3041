"""What the benchmarks' documents share: where things are, tables, the machine."""
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def table(head, rows, right=()):
    """A Markdown table whose columns also line up in a terminal; `right` are set to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]

    def line(cells):
        padded = [cell.rjust(width) if i in right else cell.ljust(width)
                  for i, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"
    rule = "|" + "|".join("-" * (width + 1) + ":" if i in right else "-" * (width + 2)
                          for i, width in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *map(line, rows)]) + "\n"


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def revision():
    """The commit that changed rectify/ last, and whether the tree has changes on top of it."""
    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True,
                              text=True).stdout.strip()
    return git("log", "-1", "--format=%h", "--", "rectify") + (" with changes" if git(
        "status", "--porcelain", "--untracked-files=no", "--", "rectify") else "")


def machine(versions):
    """One paragraph: the processor and the versions, as (name, version) pairs."""
    pairs = versions + [(platform.libc_ver()[0], platform.libc_ver()[1])]
    return (f"{processor()}, {len(os.sched_getaffinity(0))} cores. "
            + ", ".join(f"{name} {version}" for name, version in pairs)
            + f". Rectify {revision()}.\n")


def write_document(path, text):
    """Into the file, or on the terminal when there is none."""
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    if path is None:
        print(text)
        return
    with open(path, "w") as file:
        file.write(text)
    print("wrote " + os.path.relpath(path), file=sys.stderr)
