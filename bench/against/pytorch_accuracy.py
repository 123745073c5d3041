#!/usr/bin/env python3
"""Holds PyTorch's activations against Rectify's definitions; called by bench/accuracy.py.

Reads the report of bench_accuracy from standard input, sweeps the same inputs with PyTorch and
prints the verdicts as JSON. The judge is the benchmark's own library, called through ctypes.
"""
import argparse
import ctypes
import json
import os
import sys
import time

import torch

from pytorch_rows import forms

CHUNK = 1 << 22


class Judge:
    """One sweep of one row; see judge_entry.cpp."""

    def __init__(self, library, row, slope, sweep, threads):
        self.library = library
        self.handle = ctypes.c_void_p(library.rectify_judge_open(
            row.encode(), int(slope), int(sweep["all"]), ctypes.c_uint64(sweep["stratified"]),
            threads))
        if not self.handle:
            sys.exit("the judge knows no row " + row)

    def points(self, first, x):
        self.library.rectify_judge_points(self.handle, ctypes.c_uint64(first),
                                          ctypes.c_uint64(x.numel()), ctypes.c_void_p(x.data_ptr()))

    def hold(self, x, got):
        assert got.is_contiguous() and got.dtype == torch.float32
        self.library.rectify_judge_hold(self.handle, ctypes.c_void_p(x.data_ptr()),
                                        ctypes.c_void_p(got.data_ptr()), ctypes.c_uint64(x.numel()))

    def close(self):
        verdict = json.loads(self.library.rectify_judge_verdict(self.handle).decode())
        self.library.rectify_judge_close(self.handle)
        return verdict


def sweep_row(library, form, sweep, threads):
    slope = sweep["kind"] == "slope"
    judge = Judge(library, sweep["row"], slope, sweep, threads)
    size = min(CHUNK, sweep["points"])
    x, y, out, ones = (torch.empty(size) for _ in range(4))
    ones.fill_(1)
    for first in range(0, sweep["points"], size):
        judge.points(first, x)
        if slope:
            got = form.backward[0](x, form.forward[0](x, y), ones, out)
        else:
            got = form.forward[0](x, out)
        judge.hold(x, got)
    return judge.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    library = ctypes.CDLL(os.path.abspath(args.library))
    library.rectify_judge_open.restype = ctypes.c_void_p
    library.rectify_judge_verdict.restype = ctypes.c_char_p
    report = json.load(sys.stdin)
    known, found = forms(), []
    for sweep in report["sweeps"]:
        form = known.get(sweep["row"])
        if form is None:
            continue
        begin = time.perf_counter()
        verdict = sweep_row(library, form, sweep, args.threads)
        print(f"{sweep['row']:<16} {sweep['kind']:<6} PyTorch {time.perf_counter() - begin:.1f} s",
              file=sys.stderr, flush=True)
        found.append({"row": sweep["row"], "kind": sweep["kind"], "verdict": verdict,
                      "composed": form.composed, "as": form.text})
    print(json.dumps({"version": torch.__version__, "sweeps": found}))


if __name__ == "__main__":
    main()
