#!/usr/bin/env python3
"""PyTorch's side of bench/speed.py: the requests and replies of bench/network.cpp.

The peer is spared what Rectify does on top: its samples lie ready in memory as normalised floats,
in the order of the steps, so that a batch is a slice; losses are not read back; no norms of the
gradients are taken and nothing is checked to be finite.

A setting has: threads; sgd (default, foreach, fused): which implementation of the optimiser;
compile: none, or what torch.compile gets as its mode; flush: denormals to zero; jit: inference by a
traced and frozen module; channels_last: of images. OMP, MKL and OpenBLAS are told by the environment, before the start.
"""
import json
import struct
import sys
import time

import numpy
import torch

from pytorch_networks import NETWORKS

STEPS = 100


def read_safetensors(path):
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    tensors = {}
    for name, about in header.items():
        if name != "__metadata__":
            low, high = about["data_offsets"]
            tensors[name] = torch.from_numpy(
                numpy.frombuffer(data[low:high], numpy.float32).reshape(about["shape"]).copy())
    return tensors


def optimiser(kind, parameters, lr, how):
    how = {} if how == "default" else {how: True}
    if kind == "adam":
        return torch.optim.Adam(parameters, lr=lr, **how)
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9 if kind == "momentum" else 0, **how)


class Session:
    def __init__(self, task, folder, setting):
        self.task, self.setting = task, setting
        if setting.get("threads"):
            torch.set_num_threads(setting["threads"])
        torch.set_flush_denormal(bool(setting.get("flush")))
        batch = task["batch"]

        def load(name, kind):
            return torch.from_numpy(numpy.fromfile(f"{folder}/{name}", kind))
        self.inputs = self.samples(load("inputs.f32", numpy.float32)).unflatten(0, (-1, batch))
        self.labels = load("labels.i64", numpy.int64).view(-1, batch)
        self.check_inputs = self.samples(load("check_inputs.f32", numpy.float32))
        self.check_labels = load("check_labels.i64", numpy.int64)
        self.model = self.network(f"{folder}/model.safetensors")
        self.next = 0
        self.step = self.training_step() if task["training"] else self.inference_step()

    def samples(self, numbers):
        """Images come channels last."""
        shape = self.task.get("shape")
        if not shape:
            return numbers.view(-1, self.task["widths"][0])
        images = numbers.view(-1, *shape).permute(0, 3, 1, 2)
        return images if self.setting.get("channels_last") else images.contiguous()

    def network(self, path):
        layers, weights = [], read_safetensors(path)
        if "network" in self.task:
            last = torch.channels_last if self.setting.get("channels_last") else None
            made = NETWORKS[self.task["network"]](weights)
            return made.to(memory_format=last) if last else made
        widths = self.task["widths"]
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layers += [torch.nn.ReLU(inplace=True)] * (i > 0) + [torch.nn.Linear(a, b)]
            with torch.no_grad():
                layers[-1].weight.copy_(weights[f"dense{i + 1}.weight"].T)
                layers[-1].bias.copy_(weights[f"dense{i + 1}.bias"])
        return torch.nn.Sequential(*layers)

    def half(self):
        return torch.autocast("cpu", torch.bfloat16, enabled=self.task["precision"] == "bf16")

    def compiled(self, function):
        mode = self.setting.get("compile")
        if not mode:
            return function
        torch._dynamo.reset()
        return torch.compile(function, **({} if mode == "default" else {"mode": mode}))

    def training_step(self):
        model, cross_entropy = self.model, torch.nn.functional.cross_entropy
        step = optimiser(self.task["optimiser"], model.parameters(), self.task["lr"],
                         self.setting.get("sgd", "default"))
        half = self.task["precision"] == "bf16"

        def loss_of(x, y):
            if not half:
                return cross_entropy(model(x), y)
            with self.half():
                return cross_entropy(model(x), y)
        loss_of = self.compiled(loss_of)

        def train(x, y):
            loss = loss_of(x, y)
            step.zero_grad(set_to_none=True)
            loss.backward()
            step.step()
        inputs, labels = list(self.inputs), list(self.labels)

        def one():
            i = self.next
            train(inputs[i], labels[i])
            self.next = (i + 1) % STEPS
        return one

    def inference_step(self):
        model, inputs = self.model.eval(), list(self.inputs)
        if self.setting.get("jit"):
            with torch.inference_mode():
                model = torch.jit.freeze(torch.jit.trace(model, inputs[0]))
        model = self.compiled(model)
        half = self.task["precision"] == "bf16"

        def one():
            i = self.next
            with torch.inference_mode():
                if half:
                    with self.half():
                        self.outputs = model(inputs[i])
                else:
                    self.outputs = model(inputs[i])
            self.next = (i + 1) % STEPS
        return one

    def check_loss(self):
        self.model.eval()
        with torch.no_grad():
            loss = torch.nn.functional.cross_entropy(self.model(self.check_inputs),
                                                     self.check_labels)
        self.model.train()
        return float(loss)

    def check(self):
        self.next = 0
        if not self.task["training"]:
            self.step()
            return {"outputs": self.outputs.float().flatten().tolist()}
        before = self.check_loss()
        for _ in range(STEPS):
            self.step()
        return {"before": before, "after": self.check_loss()}

    def time(self, seconds):
        self.run(seconds / 10)
        return self.run(seconds)

    def run(self, seconds):
        clock, step = time.perf_counter, self.step
        steps, begin = 0, clock()
        while True:
            step()
            steps += 1
            passed = clock() - begin
            if passed >= seconds:
                return {"seconds": passed / steps, "steps": steps}


class Server:
    session = None

    def answer(self, request):
        what = request["do"]
        if what == "about":
            return {"name": "PyTorch", "version": torch.__version__.split("+")[0],
                    "threads": torch.get_num_threads(),
                    "blas": "MKL" if torch.backends.mkl.is_available() else "system",
                    "compile": hasattr(torch, "compile"),
                    "fused": "fused" in torch.optim.SGD.__init__.__code__.co_varnames}
        if what == "open":
            self.session = None
            self.session = Session(request["task"], request["folder"], request["setting"])
            return {}
        if what == "close":
            self.session = None
            return {}
        if what == "check":
            return self.session.check()
        if what == "time":
            return self.session.time(request["seconds"])
        raise ValueError(f"what is '{what}'?")


def main():
    server = Server()
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints is no reply
    for line in sys.stdin:
        try:
            reply = server.answer(json.loads(line))
        except Exception as error:  # the reply says what went wrong; the caller leaves it out
            reply = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        out.write(json.dumps(reply) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
