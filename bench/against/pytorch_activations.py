#!/usr/bin/env python3
"""Times PyTorch's activations on one thread, as bench/activations.py asks; see activations.cpp.

The same requests and replies as bench_activations. The one contender is "pytorch": the fastest of
the forms that pytorch_rows.py lists, found at the first request for a size. Memory is asked for as
Rectify asks for it: on large pages where the system offers them.
"""
import json
import mmap
import sys
import time

import torch

from pytorch_rows import forms

HUGE = 1 << 21


def empty(n):
    """n floats, page-aligned, on large pages when there are enough of them."""
    bytes_ = max(4 * n, 4096)
    memory = mmap.mmap(-1, bytes_ + HUGE)
    tensor = torch.frombuffer(memory, dtype=torch.float32)
    skip = -tensor.data_ptr() % HUGE // 4
    if bytes_ >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return tensor[skip:skip + n].zero_()


class Arrays:
    def __init__(self):
        self.n, self.row = 0, None

    def prepare(self, n, row, form):
        if self.n != n:
            self.x = self.y = self.dy = self.out = None
            self.x, self.y, self.dy, self.out = (empty(n) for _ in range(4))
            step = 1 << 22  # the whole numbers take eight bytes each
            for first in range(0, n, step):
                i = torch.arange(first, min(n, first + step), dtype=torch.int64)
                scattered = i * 2654435761 & 0xffffffff
                self.x[first:first + step] = (scattered >> 8).float() * 2.0 ** -21 - 4
                self.dy[first:first + step] = (scattered & 0xffff).float() * 2.0 ** -16 + 0.5
            self.n, self.row = n, None
        if self.row != row:
            self.y.copy_(form.forward[0](self.x, self.out))
            self.row = row


def calls_of(form, backward, arrays):
    """All forms as functions without arguments."""
    x, y, dy, out = arrays.x, arrays.y, arrays.dy, arrays.out
    if backward:
        return [lambda f=f: f(x, y, dy, out) for f in form.backward]
    return [lambda f=f: f(x, out) for f in form.forward]


def seconds_of(call, calls):
    begin = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begin) / calls


def time_of(call, seconds, samples):
    call()
    once, calls = seconds_of(call, 1), 1
    while once * calls < seconds / 4:
        calls *= 4
        once = seconds_of(call, calls)
    calls = max(1, int(seconds / once))
    return min(seconds_of(call, calls) for _ in range(samples))


class Server:
    def __init__(self):
        self.forms, self.arrays, self.best = forms(), Arrays(), {}

    def fastest(self, key, calls):
        if len(calls) == 1:
            return calls[0]
        if key not in self.best:
            rounds = [[time_of(call, 1e-3, 2) for call in calls] for _ in range(5)]
            times = [min(column) for column in zip(*rounds)]
            self.best[key] = times.index(min(times))
        return calls[self.best[key]]

    def answer(self, line):
        words = line.split()
        if words[0] == "describe":
            return {"version": torch.__version__, "threads": torch.get_num_threads(),
                    "capability": torch.backends.cpu.get_cpu_capability()
                    if hasattr(torch.backends, "cpu") else "",
                    "rows": {name: {"composed": f.composed, "as": f.text}
                             for name, f in self.forms.items()}}
        verb, row, which, _, n = words[:5]
        n, backward, form = int(n), which == "backward", self.forms[row]
        self.arrays.prepare(n, row, form)
        calls = calls_of(form, backward, self.arrays)
        if verb == "time":
            call = self.fastest((row, backward, n), calls)
            return {"seconds": time_of(call, float(words[5]), int(words[6]))}
        # All forms must give the same; the first is shown.
        results = [call()[::n // 64].tolist() for call in calls]
        for other in results[1:]:
            if any(abs(a - b) > 1e-5 * max(1, abs(a)) for a, b in zip(results[0], other)):
                return {"error": f"PyTorch's forms of {row} {which} differ"}
        return {"results": results[0]}


def main():
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    server = Server()
    for line in sys.stdin:
        try:
            reply = server.answer(line)
        except Exception as error:  # the caller decides what it means
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
