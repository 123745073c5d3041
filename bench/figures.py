#!/usr/bin/env python3
"""Holds the figures of `rectify diagnose` to NumPy, which computes every activation anew.

    python3 bench/figures.py [--rectify build/bin/rectify] [--activation relu]

Trains a network of two hidden layers on drawn digits, reads its weights and the samples, and
compares each unit's firing rate, zeros, mean, variance, range and output mean. Prints the largest
difference of each figure, relative to the figure's largest size in its layer. Needs NumPy.
"""
import argparse
import json
import math
import pathlib
import struct
import subprocess
import tempfile

import numpy

# Value, and whether the derivative is not 0; of tanh and elu that depends on rounding far from 0.
ACTIVATIONS = {
    "relu": (lambda z: numpy.maximum(z, 0), lambda z: z > 0),
    "tanh": (numpy.tanh, None),
    "elu": (lambda z: numpy.where(z > 0, z, numpy.expm1(numpy.minimum(z, 0))), None),
    "leaky_relu": (lambda z: numpy.where(z > 0, z, 0.01 * z), lambda z: z == z),
}


def tensors(path):
    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    meta = header.pop("__metadata__", {})
    found = {}
    for name, about in header.items():
        begin, end = about["data_offsets"]
        array = numpy.frombuffer(raw[8 + size + begin:8 + size + end], "<f4")
        found[name] = array.reshape(about["shape"]).astype(numpy.float64)
    return found, meta


def idx(path):
    raw = path.read_bytes()
    shape = struct.unpack(f">{raw[3]}I", raw[4:4 + 4 * raw[3]])
    return numpy.frombuffer(raw[4 + 4 * raw[3]:], numpy.uint8).reshape(shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rectify", default="build/bin/rectify")
    parser.add_argument("--activation", default="relu", choices=ACTIVATIONS)
    args = parser.parse_args()
    rectify = str(pathlib.Path(args.rectify).resolve())
    value, fires = ACTIVATIONS[args.activation]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        call = lambda *words: subprocess.run([rectify, *words, "--quiet"], cwd=folder, check=True,
                                             capture_output=True, text=True).stdout
        call("data", "make", "glyphs:train=4000,test=3000", "--out", "digits")
        call("train", "--data", "mnist:digits", "--hidden", "100,60", "--activation",
             args.activation, "--epochs", "4", "--lr", "0.05", "--out", "run")
        report = json.loads(call("diagnose", "run/model.safetensors", "--data", "mnist:digits",
                                 "--json"))
        weights, meta = tensors(folder / "run/model.safetensors")
        images = next((folder / "digits").glob("t10k-images*"))
        x = idx(images).reshape(-1, 784).astype(numpy.float32)
    numbers = lambda text: numpy.array([float(n) for n in text.replace(",", " ").split()])
    x = ((x - numbers(meta["mean"]).astype(numpy.float32)) *
         numbers(meta["scale"]).astype(numpy.float32)).astype(numpy.float64)
    worst = {}
    for number, layer in enumerate(report["end"]["layers"], 1):
        z = x @ weights[f"dense{number}.weight"] + weights[f"dense{number}.bias"]
        x = value(z)
        figures = {"zeros": (x == 0).mean(0), "mean": z.mean(0),
                   "variance": z.var(0), "smallest": z.min(0), "largest": z.max(0),
                   "output_mean": x.mean(0)}
        if fires:
            figures["firing"] = fires(z).mean(0)
        for figure, ours in figures.items():
            theirs = numpy.array([unit[figure] for unit in layer["units"]])
            scale = max(numpy.abs(ours).max(), 1e-30)
            worst[figure] = max(worst.get(figure, 0), numpy.abs(theirs - ours).max() / scale)
    print(f"{args.activation}: 160 units, {len(x)} inputs; largest relative difference:")
    for figure, difference in worst.items():
        print(f"  {figure:12} {difference:.1e}")
    if max(worst.values()) > 2e-3 or any(math.isnan(d) for d in worst.values()):
        raise SystemExit("the figures differ")


main()
