#!/usr/bin/env python3
"""Counts the patterns along three segments by walking, in NumPy, and holds `rectify regions` to them.

    rectify data make glyphs --out glyphs-data
    rectify train --data mnist:glyphs-data --model '784 : dense 64 | relu | dense 10' \\
      --optimizer nesterov --out run
    python3 bench/regions.py run glyphs-data

RUN is a run of dense layers with relu, on images of DIR (IDX files). Each segment is walked in 200,000
steps, each with a forward pass of its own in double precision; a pattern that is shorter than a step
is not seen.
"""
import argparse
import gzip
import json
import pathlib
import struct
import subprocess
import sys

import numpy as np

STEPS = 200_000


def read_idx(folder, name):
    path = next(p for p in sorted(folder.iterdir()) if p.name.startswith(name))
    data = path.read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data[4 + 4 * rank :], np.uint8).reshape(shape[0], -1)


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"])
    return tensors, metadata


def pattern(tensors, layers, x):
    """Which hidden units are on, a row for each sample."""
    on = []
    for i in range(1, layers):
        x = x @ tensors[f"dense{i}.weight"].astype(float) + tensors[f"dense{i}.bias"]
        on.append(x > 0)
        x = np.maximum(x, 0)
    return np.concatenate(on, axis=1)


def walk(tensors, layers, a, b):
    changes, before = 0, None
    for part in np.array_split(np.linspace(0, 1, STEPS + 1), 100):
        on = pattern(tensors, layers, a + part[:, None] * (b - a))
        if before is not None:
            on = np.concatenate([before[None], on])
        changes += int((on[1:] != on[:-1]).any(axis=1).sum())
        before = on[-1]
    return changes + 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--rectify", default="build/bin/rectify")
    args = parser.parse_args()
    tensors, metadata = read_safetensors(args.run / "best.safetensors")
    layers = sum(name.endswith(".weight") for name in tensors)
    images = read_idx(args.folder, "t10k-images").astype(np.float32)
    images = (images - np.float32(metadata["mean"])) * np.float32(metadata["scale"])
    command = [args.rectify, "regions", args.run, "--json", "--quiet", "--count", "1"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print("segment        rectify  by walking")
    wrong = False
    for segment in found["segments"]:
        a, b = (images[segment[end]].astype(float) for end in ("from", "to"))
        walked = walk(tensors, layers, a, b)
        wrong |= walked != segment["patterns"]
        print(f"{segment['from']:>3} to {segment['to']:<3} {segment['patterns']:>11} {walked:>11}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
