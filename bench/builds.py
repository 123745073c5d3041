#!/usr/bin/env python3
"""Holds one build against another: the same rows as bench/speed.py, the two in turns, in one run.

  python3 bench/builds.py OTHER_BUILD [--build BUILD] [--rounds N] [--seconds S] [ROW]...

OTHER_BUILD is a build folder of another revision, with -DRECTIFY_BENCHMARKS=ON. For each row it
prints both medians, the ratio of the times (this build's over the other's) as its median and
quartiles over pairs of turns, and whether the two compute the same bits.
"""
import argparse
import fnmatch
import os
import statistics
import sys
import tempfile

from report import ROOT, processor
from server import Server, ServerError
from workloads import workloads


def pairs(servers, rounds, seconds):
    """Seconds a step of both, turn by turn; who begins changes."""
    found = []
    for turn in range(rounds):
        order = (0, 1) if turn % 2 else (1, 0)
        times = [0.0, 0.0]
        for i in order:
            times[i] = servers[i].ask("time", seconds=seconds)["seconds"]
        found.append(times)
    return found


def row(name, task, servers, args):
    with tempfile.TemporaryDirectory(prefix="rectify-builds-") as folder:
        servers[0].ask("export", task=task, folder=folder)
        checks = []
        for server in servers:
            server.ask("open", task=task, folder=folder, setting={})
            checks.append(server.ask("check"))
        times = pairs(servers, args.rounds, args.seconds)
    ours, theirs = (statistics.median(column) for column in zip(*times))
    low, middle, high = statistics.quantiles([a / b for a, b in times], n=4)
    bits = "same" if checks[0] == checks[1] else "other"
    print(f"{name:28} {1e3 * ours:9.3f} {1e3 * theirs:9.3f} {middle:7.3f}"
          f"  {low:.3f} to {high:.3f}  {bits}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", metavar="OTHER_BUILD")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--rounds", type=int, default=11, help="turns of each (default 11)")
    parser.add_argument("--seconds", type=float, default=0.3, help="of steps a turn (default 0.3)")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these; * and ? are wild")
    args = parser.parse_intermixed_args()
    if args.rounds < 2:
        parser.error("--rounds wants 2 turns at least, for quartiles")
    chosen = {name: task for name, task in workloads().items()
              if not args.rows or any(fnmatch.fnmatch(name, row) for row in args.rows)}
    if not chosen:
        parser.error("no such row; the rows: " + " ".join(workloads()))
    servers = []
    for build in (args.build, args.other):
        program = os.path.join(build, "bench", "bench_network")
        if not os.access(program, os.X_OK):
            sys.exit(f"builds.py: there is no {program}; build it with -DRECTIFY_BENCHMARKS=ON")
        servers.append(Server([program]))
    print(processor())
    print(f"{'row':28} {'this, ms':>9} {'other, ms':>9} {'ratio':>7}  quartiles       bits")
    try:
        for name, task in chosen.items():
            try:
                row(name, task, servers, args)
            except ServerError as error:
                print(f"{name:28} left out: {error}", flush=True)
    finally:
        for server in servers:
            server.close()


if __name__ == "__main__":
    main()
