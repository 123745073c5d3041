#!/usr/bin/env python3
"""Trains an MLP with PyTorch and prints JSON: seconds a step, samples a second.

The same work as `rectify train`: 8-bit images gathered by a shuffled index and normalised, forward,
softmax cross-entropy, backward, one Nesterov step with weight decay. Called by bench/training.py,
which searches the thread and BLAS settings; they must be set in the environment before the start.
"""
import argparse
import json
import os
import time

import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--sgd", choices=["default", "foreach", "fused"], default="default",
                        help="which of PyTorch's implementations of the step")
    parser.add_argument("--widths", default="784,1000,1000,1000,10")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    widths = [int(w) for w in args.widths.split(",")]
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layers.append(torch.nn.Linear(a, b))
        if i + 2 < len(widths):
            layers.append(torch.nn.ReLU(inplace=True))
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True,
                                weight_decay=5e-4,
                                **({} if args.sgd == "default" else {args.sgd: True}))
    loss_of = torch.nn.CrossEntropyLoss()
    images = torch.randint(0, 256, (20000, widths[0]), dtype=torch.uint8)
    labels = torch.randint(0, widths[-1], (20000,))

    def step(rows):
        x = (images[rows].float() - 33.0) * 0.0127
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x), labels[rows])
        loss.backward()
        optimizer.step()
        return loss.item()

    order = torch.randperm(20000)
    starts = [i * args.batch % (20000 - args.batch) for i in range(args.warmup + args.steps)]
    for s in starts[:args.warmup]:
        step(order[s:s + args.batch])
    begin = time.perf_counter()
    for s in starts[args.warmup:]:
        step(order[s:s + args.batch])
    seconds = (time.perf_counter() - begin) / args.steps
    print(json.dumps({"seconds_per_step": seconds, "samples_per_second": args.batch / seconds,
                      "torch": torch.__version__, "threads": torch.get_num_threads(),
                      "blas_threads": os.environ.get("OPENBLAS_NUM_THREADS", "")}))


if __name__ == "__main__":
    main()
