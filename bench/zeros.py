#!/usr/bin/env python3
"""Epochs of real runs on MNIST, in which rectifiers leave most values at 0: Rectify, Rectify without
leaving zeros out, and PyTorch at its best, in turns.

    python3 bench/zeros.py --python PYTHON --mnist DIR [--batch N]... [--rounds N] [--epochs N]
                           [--l1 X] [--until PERCENT]

Everybody trains 784-1000-1000-1000-10 by the recipe of `rectify train` (bench/start.cpp,
bench/against/pytorch_start.py). What counts are the seconds of training in epochs 2 to --epochs; a
ratio is PyTorch's over ours of the same round. PyTorch's way of SGD and number of threads are
searched first, two epochs each. With --l1 X activations are penalised in our runs; PyTorch's do not
compute the penalty, and are not charged for it. With --until PERCENT what counts are the seconds
of whole programs instead, from their start to the first epoch after which the error on the test
split is at most that: reading and evaluation are part of it, and everybody's own number of epochs.
Build with -DRECTIFY_BENCHMARKS=ON.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

from report import HERE, processor
from server import clean_environment

MODEL = "784 : dense 1000 | relu | dense 1000 | relu | dense 1000 | relu | dense 10"
TRAINED = 54000


def epochs_of(command, environment, **values):
    """What a program says of its epochs."""
    lines = subprocess.run([word.format(**values) for word in command], check=True,
                           capture_output=True, text=True,
                           env={**clean_environment(), **environment}).stdout.splitlines()
    return [line for line in map(json.loads, lines) if "epoch" in line]


def seconds_an_epoch(command, environment, batch, epochs):
    """Mean seconds of training in epochs 2 to `epochs`."""
    steps = epochs * -(-TRAINED // batch) + 1  # the last one ends the run
    found = epochs_of(command, environment, steps=steps, enough=0, batch=batch)
    return (found[epochs - 1]["training seconds"] - found[0]["training seconds"]) / (epochs - 1)


def seconds_until(command, environment, batch, enough):
    """Seconds of a whole program until its test error is that many percent."""
    begin = time.perf_counter()
    found = epochs_of(command, environment, steps=0, enough=enough, batch=batch)
    if 100 * found[-1]["test error"] > enough:
        raise SystemExit(f"{command[0]} never reached {enough} %")
    return time.perf_counter() - begin


def best_pytorch(python, mnist, batch):
    script = os.path.join(HERE, "against", "pytorch_start.py")
    found = {}
    for sgd in ("default", "fused", "foreach"):
        for threads in sorted({"1", str(os.cpu_count())}):
            command = [python, script, mnist, "{steps}", "{enough}", sgd, "{batch}"]
            environment = {"OMP_NUM_THREADS": threads}
            found[sgd, threads] = (seconds_an_epoch(command, environment, batch, 2), command,
                                   environment)
    name = min(found, key=lambda key: found[key][0])
    return f"SGD {name[0]}, {name[1]} threads", found[name][1], found[name][2]


def measure(program, python, mnist, batches, rounds, seconds_of, l1="0", say=print):
    """By batch, how PyTorch does best and everybody's seconds, a number a round."""
    ours = [program, "mnist:" + mnist, MODEL, "{steps}", "{enough}", "{batch}", l1]
    found = {}
    for batch in batches:
        how, command, environment = best_pytorch(python, mnist, batch)
        everybody = {"sparse": (ours, {}), "dense": (ours, {"RECTIFY_SPARSE": "off"}),
                     "pytorch": (command, environment)}
        seconds = {name: [] for name in everybody}
        for _ in range(rounds):
            for name, (words, variables) in everybody.items():
                seconds[name].append(seconds_of(words, variables, batch))
        found[str(batch)] = {"how": how, "seconds": seconds}
        say("\n".join(lines_of(batch, found[str(batch)])))
    return found


def lines_of(batch, measured):
    yield f"batch {batch} (PyTorch: {measured['how']})"
    for name, seconds in measured["seconds"].items():
        ratio = [s / o for s, o in zip(seconds, measured["seconds"]["sparse"])]
        low, middle, high = statistics.quantiles(ratio, n=4)
        yield (f"  {name:8} {statistics.median(seconds):6.2f} s, "
               f"{middle:.2f} ({low:.2f} to {high:.2f}) times ours")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="interpreter with PyTorch")
    parser.add_argument("--mnist", required=True, help="folder of MNIST's four .gz files")
    parser.add_argument("--batch", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--l1", default="0")
    parser.add_argument("--until", type=float, metavar="PERCENT")
    parser.add_argument("--program", default="build/bench/bench_start")
    args = parser.parse_args()
    counted = (f"whole runs to {args.until} % test error" if args.until else
               "an epoch, of " + ("epoch 2" if args.epochs == 2 else f"epochs 2 to {args.epochs}"))
    print(f"{processor()}, {os.cpu_count()} processors; {counted}; medians of "
          f"{args.rounds} rounds, quartiles in brackets"
          + (f"; --l1 {args.l1}" if float(args.l1) else ""), flush=True)
    def seconds_of(*run):
        return seconds_until(*run, args.until) if args.until else seconds_an_epoch(*run, args.epochs)

    measure(args.program, args.python, args.mnist, args.batch or (128, 512, 32), args.rounds,
            seconds_of, args.l1, lambda text: print("\n" + text, flush=True))


if __name__ == "__main__":
    main()
