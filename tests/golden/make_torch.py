#!/usr/bin/env python3
"""Computes with PyTorch, in double precision, what tests/train/golden_test.cpp holds Rectify against.

    python3 tests/golden/make_torch.py [NAME ...]

writes tests/golden/NAME.safetensors for networks of rectify/graph/zoo/ that stand in NETWORKS below:
the losses of ten steps of gradient descent on one batch, the gradient of every parameter at the
first, and the running statistics after the last. Names and orders of axes are Rectify's (channels
last, weights inputs x units). Initial weights and the batch are not stored: both sides make them by
the formula of `numbers`. Of a gradient there are its norm, its product with numbers of the formula,
to which every element adds, and every n-th element.

It prints how far single precision is from double, for the test's tolerances.
"""

import json
import math
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

STEPS = 10
SAMPLED = 200  # elements of a gradient, about


def numbers(name, count):
    """`count` numbers in (-1, 1), multiples of 2^-12, that depend on `name` and their position."""
    salt = 2166136261
    for byte in name.encode():  # FNV-1a
        salt = (salt ^ byte) * 16777619 % 2**32
    h = (np.arange(count, dtype=np.uint64) + 1) * 2654435761 + salt & 0xFFFFFFFF
    h = (h ^ h >> 16) * 73244475 & 0xFFFFFFFF
    h = (h ^ h >> 16) * 73244475 & 0xFFFFFFFF
    return ((h >> 20).astype(np.float64) - 2047.5) / 2048


class Network:
    """Operators with labels as Rectify gives them; parameters come into being when first used."""

    def __init__(self, dtype):
        self.dtype, self.parameters, self.states, self.initial, self.seen = dtype, {}, {}, {}, {}

    def run(self, forward, x):
        self.seen = {}
        return forward(self, x)

    def label(self, kind):
        self.seen[kind] = self.seen.get(kind, 0) + 1
        return f"{kind}{self.seen[kind]}"

    def parameter(self, name, shape, offset, bound):
        if name not in self.parameters:
            values = offset + bound * numbers(name, math.prod(shape)).reshape(shape)
            self.parameters[name] = torch.tensor(values, dtype=self.dtype, requires_grad=True)
            self.initial[name] = (offset, bound)
        return self.parameters[name]

    def weight(self, name, shape):
        """About as large as He's uniform draws, but by a power of two, so that floats are exact."""
        return self.parameter(name, shape, 0, 2 ** round(math.log2(6 / math.prod(shape[:-1])) / 2))

    def dense(self, x, units):
        name = self.label("dense")
        weight = self.weight(name + ".weight", (x.shape[-1], units))
        return x @ weight + self.parameter(name + ".bias", (units,), 0, 0.125)

    def conv(self, x, units, kernel, stride=1, padding=0, bias=True):
        name = self.label("conv")
        weight = self.weight(name + ".weight", (kernel, kernel, x.shape[-1], units))
        y = F.conv2d(x.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), stride=stride,
                     padding=padding).permute(0, 2, 3, 1)
        return y + self.parameter(name + ".bias", (units,), 0, 0.125) if bias else y

    def max_pool(self, x, kernel):
        return F.max_pool2d(x.permute(0, 3, 1, 2), kernel).permute(0, 2, 3, 1)

    def batch_norm(self, x):
        name, channels = self.label("batch_norm"), x.shape[-1]
        for state, value in ((".mean", 0.0), (".variance", 1.0)):
            self.states.setdefault(name + state, torch.full((channels,), value, dtype=self.dtype))
        y = F.batch_norm(x.permute(0, 3, 1, 2), self.states[name + ".mean"],
                         self.states[name + ".variance"],
                         self.parameter(name + ".scale", (channels,), 1, 0.25),
                         self.parameter(name + ".shift", (channels,), 0, 0.125),
                         training=True, momentum=0.1, eps=1e-5)
        return y.permute(0, 2, 3, 1)


    def embedding(self, ids, count, units):
        return self.parameter(self.label("embedding") + ".weight", (count, units), 0, 0.125)[ids]

    def positions(self, x):
        return x + self.parameter(self.label("positions") + ".weight", x.shape[1:], 0, 0.125)

    def layer_norm(self, x):
        name, channels = self.label("layer_norm"), x.shape[-1:]
        return F.layer_norm(x, channels, self.parameter(name + ".scale", channels, 1, 0.25),
                            self.parameter(name + ".shift", channels, 0, 0.125), eps=1e-5)

    def attention(self, x, heads):
        """Queries, keys and values are side by side in the last axis; no place sees a later one."""
        samples, places, width = x.shape
        q, k, v = x.reshape(samples, places, 3, heads, width // 3 // heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return y.transpose(1, 2).reshape(samples, places, width // 3)


def lenet5(net, x):
    x = net.max_pool(F.relu(net.conv(x, 6, 5, padding=2)), 2)
    x = net.max_pool(F.relu(net.conv(x, 16, 5)), 2)
    x = F.relu(net.dense(x.flatten(1), 120))
    return net.dense(F.relu(net.dense(x, 84)), 10)


def resnet20(net, x):
    def conv_norm(x, units, kernel=3, stride=1):
        return net.batch_norm(net.conv(x, units, kernel, stride, kernel // 2, bias=False))

    def block(x, units, stride=1):
        f = conv_norm(F.relu(conv_norm(x, units, 3, stride)), units)
        return F.relu(f + (x if stride == 1 else conv_norm(x, units, 1, stride)))

    x = F.relu(conv_norm(x, 16))
    for units, stride in ((16, 1), (32, 2), (64, 2)):
        for repeat in range(3):
            x = block(x, units, stride if repeat == 0 else 1)
    return net.dense(x.mean((1, 2)), 10)


def char_transformer(net, ids):
    x = net.positions(net.embedding(ids, 256, 128))
    for _ in range(4):
        x = x + net.dense(net.attention(net.dense(net.layer_norm(x), 384), 4), 128)
        x = x + net.dense(F.relu(net.dense(net.layer_norm(x), 512)), 128)
    return net.dense(net.layer_norm(x), 256)


# name: (forward, shape of a sample, classes, samples, rate); classes are ids, too, where the sample
# has as many of them as the network gives answers
NETWORKS = {"lenet5": (lenet5, (28, 28, 1), 10, 8, 0.05),
            "resnet20": (resnet20, (32, 32, 3), 10, 3, 0.004),
            "char_transformer": (char_transformer, (128,), 256, 2, 0.01)}


def batch_of(shape, classes, samples, dtype):
    values = numbers("input", samples * math.prod(shape)).reshape(samples, *shape)
    answers = samples * (math.prod(shape) if len(shape) == 1 else 1)
    target = torch.tensor([(7 * i + 3) % classes for i in range(answers)])
    if len(shape) == 1:
        return torch.tensor(np.floor((values + 1) / 2 * classes).astype(np.int64)), target
    return torch.tensor(2 * values, dtype=dtype), target


def train(name, dtype):
    forward, shape, classes, samples, rate = NETWORKS[name]
    x, target = batch_of(shape, classes, samples, dtype)
    net = Network(dtype)
    losses, gradients = [], {}
    for step in range(STEPS):
        loss = F.cross_entropy(net.run(forward, x).flatten(0, -2), target)
        losses.append(loss.item())
        for p in net.parameters.values():
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for key, p in net.parameters.items():
                if step == 0:
                    gradients[key] = p.grad.double().flatten().numpy().copy()
                p -= rate * p.grad
    return net, losses, gradients


def tensors_of(name):
    net, losses, gradients = train(name, torch.float64)
    single = train(name, torch.float32)
    worst = max(abs(single[2][key] - g).max() / np.linalg.norm(g) for key, g in gradients.items())
    print(f"{name}: losses {losses[0]:.4f} ... {losses[-1]:.4f}; single precision is off by "
          f"{max(abs(np.array(losses) - single[1])):.1e} in a loss, by {worst:.1e} of its norm in "
          f"a gradient's element")
    tensors = {"losses": losses, "rate": [NETWORKS[name][4]], "samples": [NETWORKS[name][3]]}
    for key, g in gradients.items():
        tensors["initial/" + key] = net.initial[key]
        tensors["measures/" + key] = [np.linalg.norm(g), g @ numbers(key + ".measure", g.size)]
        tensors["sampled/" + key] = g[:: g.size // SAMPLED + 1]
    for key, state in net.states.items():
        tensors["state/" + key] = state.numpy()
    return tensors


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for key in sorted(tensors):
        part = np.asarray(tensors[key], dtype="<f4")
        header[key] = {"dtype": "F32", "shape": list(part.shape),
                       "data_offsets": [len(data), len(data) + part.nbytes]}
        data += part.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


for network in sys.argv[1:] or NETWORKS:
    made_by = {"made_by": f"PyTorch {torch.__version__.split('+')[0]}"}
    write(Path(__file__).with_name(network + ".safetensors"), tensors_of(network), made_by)
