#!/usr/bin/env python3
"""Compares the SIMD vehicles; fills in the tables of docs/decisions/0007-simd-vehicle.md.

  bench/simd/simd.py [--build build] [--rounds 15] [--print]

Wants a build with -DRECTIFY_BENCHMARKS=ON, libhwy-dev and libxsimd-dev. --print shows the tables
and leaves the record alone.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from report import ROOT, machine, table  # noqa: E402

RECORD = os.path.join(ROOT, "docs", "decisions", "0007-simd-vehicle.md")
BEGIN, END = "<!-- bench/simd/simd.py writes from here -->", "<!-- to here -->"
SOURCES = {"base/simd.h": "own.cpp", "Highway": "highway.cpp", "xsimd": "xsimd.cpp",
           "target_clones": "clones.cpp"}


def quartiles(values):
    return statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3


def rates(report):
    """Elements a nanosecond, and the time of base/simd.h over each vehicle's, round by round."""
    results = report["results"]
    ours = {(r["function"], r["isa"]): r["ns"] for r in results if r["vehicle"] == "base/simd.h"}
    rows = []
    for r in sorted(results, key=lambda r: -["avx2", "avx512"].index(r["isa"])):
        low, middle, high = quartiles(r["ns"])
        size = report["size"]
        ratio = [a / b for a, b in zip(ours[r["function"], r["isa"]], r["ns"])]
        verdict = r["verdict"]
        rows.append([r["isa"], r["function"], r["vehicle"], f"{size / middle:.2f}",
                     f"{size / high:.2f} to {size / low:.2f}", f"{statistics.median(ratio):.2f}",
                     f"{verdict['ulp']:.2f}",
                     str(verdict["over"] + verdict["nan"] + verdict["lost_nan"])])
    return table(["set", "function", "vehicle", "rate", "quartiles", "ratio", "ulp", "over"], rows,
                 [3, 4, 5, 6, 7])


def compile_seconds(build, source, rounds):
    """The least seconds of all commands that make the source's objects, without a cache."""
    with open(os.path.join(build, "compile_commands.json")) as file:
        entries = [e for e in json.load(file)
                   if e["file"].endswith(os.path.join("bench", "simd", source))
                   and "CLONES_AVX2_ONLY" not in e["command"]]
    total = 0
    for entry in entries:
        words = [w for w in shlex.split(entry["command"]) if os.path.basename(w) != "ccache"]
        words[words.index("-o") + 1] = os.devnull
        times = []
        for _ in range(rounds):
            begin = time.perf_counter()
            subprocess.run(words, cwd=entry["directory"], check=True, stderr=subprocess.DEVNULL)
            times.append(time.perf_counter() - begin)
        total += min(times)
    return total


def lines(source):
    """Lines that are neither blank nor comment."""
    with open(os.path.join(ROOT, "bench", "simd", source)) as file:
        text = [line.strip() for line in file]
    return sum(1 for line in text if line and not line.startswith("//"))


def costs(build, rounds):
    rows = [[vehicle, f"{compile_seconds(build, source, rounds):.2f}", lines(source)]
            for vehicle, source in SOURCES.items()]
    return table(["vehicle", "seconds to compile", "lines"], rows, [1, 2])


def versions():
    found = []
    for package in ("libhwy-dev", "libxsimd-dev"):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                              capture_output=True, text=True)
        found.append((package, done.stdout or "of unknown version"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--print", action="store_true")
    args = parser.parse_args()
    program = os.path.join(args.build, "bench", "simd", "bench_simd")
    done = subprocess.run([program, str(args.rounds)], stdout=subprocess.PIPE, text=True,
                          check=True)
    report = json.loads(done.stdout)
    text = "\n".join([machine([("GCC", report["compiler"]), *versions()]), rates(report),
                      costs(args.build, 3)])
    if args.print:
        print(text)
        return
    with open(RECORD) as file:
        record = file.read()
    before, rest = record.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    with open(RECORD, "w") as file:
        file.write(before + BEGIN + "\n\n" + text + "\n" + END + after)


if __name__ == "__main__":
    main()
