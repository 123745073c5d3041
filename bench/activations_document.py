"""docs/activation-speed.md from the figures of bench/activations.py."""
import statistics

from report import machine, table

NAMES = {"onednn": "oneDNN", "onednn_output": "oneDNN, from y", "pytorch": "PyTorch",
         "ours": "x", "ours_output": "y"}
OURS = ("ours", "ours_output")
CHEAP = 3  # times as fast in the first cache as memory can copy

INTRODUCTION = """\
One thread, {rounds} rounds in which the contenders take turns on the same core, each time the best
of several samples of at least a millisecond; x lies in [-4, 4) without an order. A figure is the
median over the rounds in 10^9 elements a second; *ratio* is the time of the faster peer over ours,
the median over the rounds with its quartiles in brackets, so above 1 Rectify is faster. Arrays
start on cache lines (large ones on large pages, in all three), and outputs are written beside the
inputs into memory that is there already.

Backward is the gradient dx from dy and from x or y = f(x), whichever a contender does faster;
*from* says which it was for Rectify. oneDNN is called directly; where its operation has another
name, or PyTorch's row is composed of several operators for want of its own, the last table says
so. "-" is where there is nothing to compare with. prelu is timed with its one default slope, rrelu
and noisy_relu as in inference.
"""

IN_CACHE = """\
## {size} floats: {where}

Times are of whole calls. *Less call* is the ratio that is left when the peer, but not Rectify, is
forgiven what its call takes for {least} floats, {overheads}; "-" where that is half of its time or
more, so that what is left says little.
"""

OUT_OF_CACHE = """\
## {size} floats: out of cache

The best of {copies} copies {gigabytes:.1f} GB/s here (a byte read and the same byte written count
as two): {best}. *Of copy* is the share of that rate that Rectify moves, counting what a pass must
read and write: 8 bytes an element forward, 12 backward (identity, whose slope is 1: 8).
"""


def describe_ratio(ratios):
    if len(ratios) < 2:
        return f"{ratios[0]:.2f}"
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


class Case:
    """One row, pass and size, and what is read off its times."""

    def __init__(self, case, overheads):
        self.row, self.which, self.n = case["row"], case["pass"], case["n"]
        self.copy, self.slow, self.raw = case["copy"], case["slow"], case["times"]
        # Times without the call, where that leaves at least half of them.
        self.net = {}
        for name, times in self.raw.items():
            less = overheads.get(f"{self.row} {self.which} {name}", 0) if name not in OURS else 0
            if self.copy is None and 2 * less < statistics.median(times):
                self.net[name] = [t - less for t in times]

    def fastest(self, names, times):
        names = [name for name in names if times.get(name)]
        return min(names, key=lambda name: statistics.median(times[name])) if names else None

    def ours(self):
        return self.fastest(OURS, self.raw)

    def peer(self, times):
        return self.fastest([k for k in times if k not in OURS and k != self.copy], times)

    def rate(self, prefix):
        """Median rate of the best contender whose name begins so, in elements a nanosecond."""
        name = self.fastest([k for k in self.raw if k.startswith(prefix)], self.raw)
        return self.n / statistics.median(self.raw[name]) * 1e-9 if name else None

    def ratios(self, times):
        peer = self.peer(times)
        if peer is None or self.ours() is None:
            return None
        return [theirs / ours for theirs, ours in zip(times[peer], self.raw[self.ours()])]

    def of_copy(self):
        """The share of the copy's bandwidth, round by round."""
        if self.ours() is None:
            return None
        size = 12 if self.which == "backward" and self.row != "identity" else 8
        return [(size / ours) / (8 / copy)
                for ours, copy in zip(self.raw[self.ours()], self.raw[self.copy])]


def number(v):
    if v is None:
        return "-"
    return f"{v:.1f}" if v >= 10 else f"{v:.2f}" if v >= 0.1 else f"{v:.4f}"


def lines_of(cases, which, in_cache):
    lines = []
    for case in (c for c in cases if c.which == which):
        cells = [case.row] + ([NAMES.get(case.ours(), "-")] if which == "backward" else [])
        cells += [number(case.rate(prefix)) for prefix in ("ours", "onednn", "pytorch")]
        ratios = case.ratios(case.raw)
        cells.append(describe_ratio(ratios) if ratios else "-")
        if in_cache:
            left = case.ratios(case.net)
            cells.append(f"{statistics.median(left):.2f}" if left else "-")
        else:
            share = case.of_copy()
            cells.append(f"{100 * statistics.median(share):.0f} %" if share else "-")
        lines.append(cells)
    return lines


def slower(cases, times_of):
    found = []
    for case in cases:
        times = times_of(case)
        ratios = case.ratios(times)
        if ratios and statistics.median(ratios) < 1:
            found.append(f"{case.row} {case.which} at {case.n} ({statistics.median(ratios):.2f} of "
                         f"{NAMES[case.peer(times)]})")
    return "; ".join(found) if found else "none"


def below_copy(cases, first_size):
    """Cheap rows that move less than 90 % of a copy's bytes a second."""
    fast = {(c.row, c.which): c.rate("ours") for c in cases if c.n == first_size}
    found = []
    for case in (c for c in cases if c.copy):
        copy = case.n / statistics.median(case.raw[case.copy]) * 1e-9
        share = statistics.median(case.of_copy() or [1])
        if fast[case.row, case.which] >= CHEAP * copy and share < 0.9:
            found.append(f"{case.row} {case.which} ({100 * share:.0f} %)")
    return found


def summary(cases, sizes):
    parts = []
    parts.append(f"Slower than a peer: {slower(cases, lambda case: case.raw)}.\n")
    parts.append("Slower than what is left of a peer without its call: "
                 f"{slower(cases, lambda case: case.net)}.\n")
    found = below_copy(cases, sizes[0])
    parts.append(f"Below 90 % of the copy bandwidth, of the rows that are at least {CHEAP} times\n"
                 "as fast in the first cache as memory can copy: "
                 + ("; ".join(found) if found else "none") + ".\n")
    slow = sorted({f"{c.row} {c.which} {NAMES[s]}" for c in cases for s in c.slow})
    if slow:
        parts.append("Not timed out of cache, being too slow to wait for: " + "; ".join(slow)
                     + ".\n")
    return "\n".join(parts)


def overhead_text(overheads):
    def middle(suffix):
        values = [v for k, v in overheads.items() if k.endswith(suffix)]
        return f"{1e6 * statistics.median(values):.2f} microseconds" if values else "absent"
    return f"in the median {middle(' onednn')} for oneDNN and {middle(' pytorch')} for PyTorch"


def operations(about):
    lines = []
    for row in about["rows"]:
        theirs = about["pytorch"]["rows"].get(row["name"])
        oneDNN = (row["onednn_as"] or "itself") if "onednn" in row["forward"] else "-"
        text = "-" if not theirs else ("composed: " if theirs["composed"] else "") + theirs["as"]
        lines.append([row["name"], oneDNN, text])
    return table(["row", "oneDNN", "PyTorch"], lines)


def document(report, command):
    about, sizes = report["about"], report["sizes"]
    cases = [Case(c, report["overheads"]) for c in report["cases"]]
    parts = ["# Speed of the activations\n", f"Written by `{command}`; do not edit.\n",
             machine([("oneDNN", about["onednn"]), ("PyTorch", about["pytorch"]["version"]),
                      ("GCC", about["compiler"])]).rstrip()
             + f" Kernels for {about['instruction_set']}.\n",
             INTRODUCTION.format(rounds=report["rounds"]), summary(cases, sizes)]
    for n in sizes:
        at = [c for c in cases if c.n == n]
        in_cache = at[0].copy is None
        if in_cache:
            where = "in the first cache" if n == sizes[0] else "in the second cache"
            parts.append(IN_CACHE.format(size=n, where=where, least=64,
                                         overheads=overhead_text(report["overheads"])))
        else:
            copies, best = report["copies"], at[0].copy
            parts.append(OUT_OF_CACHE.format(
                size=n, copies=", ".join(k.replace("_", " ") for k in copies),
                gigabytes=8 * n / min(copies.values()) * 1e-9, best=best.replace("_", " ")))
        tail = ["less call" if in_cache else "of copy"]
        peers = ["Rectify", "oneDNN", "PyTorch", "ratio", *tail]
        parts += ["Forward:\n", table(["row", *peers], lines_of(at, "forward", in_cache),
                                      [1, 2, 3, 5]),
                  "Backward:\n", table(["row", "from", *peers], lines_of(at, "backward", in_cache),
                                       [2, 3, 4, 6])]
    parts += ["## What the peers were asked for\n", operations(about),
              f"The run took {report['wall_seconds'] / 60:.0f} minutes.\n"]
    return "\n".join(parts)
