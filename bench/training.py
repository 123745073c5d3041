#!/usr/bin/env python3
"""Rectify and PyTorch, the same training step, alternating in one session.

PyTorch's thread count, BLAS threads, BLAS library and BLAS kernel are searched first (one short run
each); its best setting is then alternated with Rectify. Prints every figure and the ratio of medians.

  bench/training.py [--batch 128] [--rounds 7] [--python /usr/bin/python3]
"""
import argparse
import glob
import itertools
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command, settings):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("OPENBLAS_") and k != "OMP_NUM_THREADS"}
    env.update(settings)
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def pytorch(python, batch, steps, setting):
    threads, sgd, env = setting
    return run([python, os.path.join(HERE, "against", "pytorch_mlp.py"), "--batch", str(batch),
                "--steps", str(steps), "--threads", str(threads), "--sgd", sgd], env)


def settings_of_pytorch(cores):
    """Every combination worth trying: (threads, implementation of SGD, environment)."""
    libraries = [{"LD_LIBRARY_PATH": d} for d in glob.glob("/usr/lib/*/openblas-*")] or [{}]
    for threads, blas, kernel, library in itertools.product(
            sorted({1, cores}), sorted({1, cores}), ["", "SkylakeX", "Haswell"], libraries):
        env = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(blas), **library}
        if kernel:
            env["OPENBLAS_CORETYPE"] = kernel
        yield threads, "default", env
    for sgd, bind in itertools.product(["default", "foreach", "fused"], ["false", "close"]):
        yield cores, sgd, {"OMP_NUM_THREADS": str(cores), "OMP_PROC_BIND": bind}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--python", default="/usr/bin/python3", help="one that has torch")
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bench",
                                                          "bench_training"))
    args = parser.parse_args()
    cores = len(os.sched_getaffinity(0))

    best = None
    for setting in settings_of_pytorch(cores):
        result = pytorch(args.python, args.batch, 25, setting)
        if result is None:
            continue
        print(f"search  {1e3 * result['seconds_per_step']:8.2f} ms  {setting}", flush=True)
        if best is None or result["seconds_per_step"] < best[0]:
            best = (result["seconds_per_step"], setting, result["torch"])
    if best is None:
        sys.exit("PyTorch cannot be run with " + args.python)
    installed = pytorch(args.python, args.batch, 25, (0, "default", {}))
    print(f"PyTorch {best[2]}: best with {best[1]}")
    if installed:
        print(f"PyTorch as installed: {1e3 * installed['seconds_per_step']:.2f} ms a step")

    ours, theirs = [], []
    for _ in range(args.rounds):
        ours.append(run([args.program, str(args.batch), str(args.steps)], {})["seconds_per_step"])
        theirs.append(pytorch(args.python, args.batch, args.steps, best[1])["seconds_per_step"])
        print(f"round   Rectify {1e3 * ours[-1]:.2f} ms   PyTorch {1e3 * theirs[-1]:.2f} ms")
    for name, times in (("Rectify", ours), ("PyTorch", theirs)):
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"{name}: median {1e3 * middle:.2f} ms a step (quartiles {1e3 * low:.2f} to "
              f"{1e3 * high:.2f}), {args.batch / middle:.0f} samples a second")
    print(f"ratio of medians: {statistics.median(theirs) / statistics.median(ours):.2f}")


if __name__ == "__main__":
    main()
