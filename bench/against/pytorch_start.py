#!/usr/bin/env python3
"""PyTorch's side of bench/start.cpp: the same recipe, the same lines of JSON.

  pytorch_start.py FOLDER STEPS [ENOUGH [SGD [BATCH]]]

FOLDER has MNIST's four .gz files; SGD is default, fused or foreach.

The recipe is that of `rectify train`: 784-1000-1000-1000-10 with rectifiers, He's initialisation,
one sample in ten held out, inputs less their mean over their deviation, batches of 128 in a new
order each epoch, Nesterov's momentum 0.9 at rate 0.2 (of smaller batches in proportion), a warmup
of one epoch, then a cosine over 20 epochs, weight decay 5e-4 on weights. PyTorch's usual overheads are spared: samples are normalised
once and stay in memory as floats, and losses are not read back.
"""
import time
BEGIN = time.perf_counter()
import gzip
import json
import math
import os
import sys

import numpy
import torch
from torch import nn

EPOCHS, BATCH, RATE = 20, 128, 0.2


def say(**line):
    print(json.dumps({k.replace("_", " "): v for k, v in line.items()}), flush=True)


def read(folder, name, skip):
    with gzip.open(os.path.join(folder, name + ".gz")) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=skip)


def split(folder, name):
    images = torch.from_numpy(read(folder, name + "-images-idx3-ubyte", 16).copy()).view(-1, 784)
    labels = torch.from_numpy(read(folder, name + "-labels-idx1-ubyte", 8).astype(numpy.int64))
    return images, labels


def network():
    layers, widths = [], [784, 1000, 1000, 1000, 10]
    for a, b in zip(widths, widths[1:]):
        layers += [nn.ReLU(inplace=True)] * bool(layers) + [nn.Linear(a, b)]
        nn.init.kaiming_uniform_(layers[-1].weight, nonlinearity="relu")
        nn.init.zeros_(layers[-1].bias)
    return nn.Sequential(*layers)


def rate_at(epoch, peak):
    if epoch < 1:
        return peak * (epoch + 1e-3) / (1 + 1e-3)
    return peak * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / (EPOCHS - 1)))


def most_memory():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])


def test_error(model, images, labels):
    with torch.no_grad():
        wrong = sum(int((model(x).argmax(1) != y).sum())
                    for x, y in zip(images.split(1000), labels.split(1000)))
    return wrong / len(labels)


def main():
    folder, most_steps = sys.argv[1], int(sys.argv[2])
    enough = float(sys.argv[3]) if len(sys.argv) > 3 else 0
    sgd = sys.argv[4] if len(sys.argv) > 4 else "default"
    how = {} if sgd == "default" else {sgd: True}
    batch = int(sys.argv[5]) if len(sys.argv) > 5 else BATCH
    peak = RATE * min(1, batch / BATCH)
    torch.manual_seed(1)
    images, labels = split(folder, "train")
    kept = torch.randperm(len(labels))[:54000]
    labels = labels[kept]
    images = images[kept].float()
    mean, deviation = float(images.mean()), float(images.std())
    images.sub_(mean).div_(deviation)
    test_images, test_labels = split(folder, "t10k")
    test_images = test_images.float().sub_(mean).div_(deviation)
    model = network()
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    optimiser = torch.optim.SGD([{"params": [m.weight for m in linear], "weight_decay": 5e-4},
                                 {"params": [m.bias for m in linear], "weight_decay": 0}],
                                lr=RATE, momentum=0.9, nesterov=True, **how)
    training, taken = 0, 0
    for epoch in range(EPOCHS):
        start = time.perf_counter()
        batches = torch.randperm(len(labels)).split(batch)
        for i, rows in enumerate(batches):
            for group in optimiser.param_groups:
                group["lr"] = rate_at(epoch + i / len(batches), peak)
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            taken += 1
            if taken == 1:
                say(first_step=time.perf_counter() - BEGIN)
            if taken == most_steps:
                break
        if taken == most_steps:
            break
        training += time.perf_counter() - start
        error = test_error(model, test_images, test_labels)
        say(epoch=epoch + 1, test_error=error, training_seconds=training,
            seconds=time.perf_counter() - BEGIN)
        if 100 * error <= enough:
            break
    say(most_memory=most_memory(), seconds=time.perf_counter() - BEGIN)


if __name__ == "__main__":
    main()
