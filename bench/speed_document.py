"""What bench/speed.py found: a table for the terminal, docs/benchmarks.md and its plot."""
import math
import os
import statistics
from xml.sax.saxutils import escape

import report as markdown

COMMAND = "scripts/bench.sh"


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 \
        else [values[0]] * 3


def figure(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def best_peer(row):
    """The key of the fastest peer at its best settings, None without one."""
    keys = list(row["settings"])
    return min(keys, key=lambda key: statistics.median(row["times"][key])) if keys else None


def ratios(row, key):
    """Turn by turn, the time of `key` over ours."""
    return [theirs / ours for theirs, ours in zip(row["times"][key], row["times"]["ours"])]


def installed(row):
    """The key of the fastest peer as installed."""
    keys = [key for key in row["times"] if key.endswith("installed")]
    return min(keys, key=lambda key: statistics.median(row["times"][key])) if keys else None


def line(row):
    low, middle, high = quartiles(row["times"]["ours"])
    rate = row["flops"] / middle
    peak = statistics.median(row["times"]["peak"])
    cells = [row["name"], figure(1e3 * middle), f"{figure(1e3 * low)}-{figure(1e3 * high)}"]
    key = best_peer(row)
    if key:
        theirs = statistics.median(row["times"][key])
        cells += [figure(1e3 * theirs), key.replace("pytorch", "torch"), f"{theirs / middle:.2f}",
                  f"{statistics.median(row['times'][installed(row)]) / middle:.2f}"]
    else:
        cells += ["", "", "", ""]
    return cells + [figure(rate / 1e9), f"{100 * rate / peak:.0f}"]


def table(found):
    """One line a row."""
    head = ["row", "ms", "quartiles", "peer", "which", "ratio", "inst.", "GF/s", "%"]
    return markdown.table(head, [line(row) for row in found["rows"]], right=(1, 2, 3, 5, 6, 7, 8))


def every_peer(found):
    """Milliseconds of everyone: best, as installed; oneDNN's products alone."""
    keys = list(found["peers"])
    head = ["row", "Rectify"]
    for key in keys:
        head += [key, "installed"]
    head += ["products"]
    rows = []
    for row in found["rows"]:
        def cell(key):
            times = row["times"].get(key)
            return figure(1e3 * statistics.median(times)) if times else "-"
        cells = [row["name"], cell("ours")]
        for key in keys:
            cells += [cell(key), cell(key + " installed")]
        rows.append(cells + [cell("products")])
    return markdown.table(head, rows, right=range(1, len(head)))


def settings(found):
    rows = [[row["name"], key, chosen, f"{row['off'][key]:.0e}"]
            for row in found["rows"] for key, chosen in row["settings"].items()]
    return markdown.table(["row", "peer", "fastest setting found", "off by"], rows, right=(3,))


def left_out(found):
    lines = [f"- {row['name']}, {found['peers'][key]}: {why}"
             for row in found["rows"] for key, why in row.get("left out", {}).items()]
    return ("Left out, with the reason:\n\n" + "\n".join(lines) + "\n") if lines else ""


def limits(found):
    if "bandwidth" not in found:
        return ""
    peaks = [[f"multiply-add, {precision}", figure(found[f"peak {precision}"]["rate"] / 1e9)
              + " GFLOP/s", found[f"peak {precision}"].get("instructions", "")]
             for precision in ("fp32", "bf16") if found[f"peak {precision}"]["rate"]]
    reads = [[f"reading, {level}", figure(about["rate"] / 1e9) + " GB/s",
              f"{about['bytes a thread'] / 1024:.0f} KiB a thread"]
             for level, about in found["bandwidth"].items()]
    ways = ["latency", "scalar", "ours", "libmvec"]
    by = {}
    for each in found["cycles"]:
        by.setdefault(each["operation"], {})[each["way"]] = f"{each['cycles']:.2f}"
    return ("## The machine's limits\n\nAll threads together.\n\n"
            + markdown.table(["limit", "measured", "how"], peaks + reads, right=(1,))
            + "\nCycles an element, of float32 on one thread. *Latency*: each waits for the one "
            "before; *scalar*:\nthey do not. *Ours* are the vector functions of our kernels, "
            "*libmvec* those of the C library, both\nover 1024 elements in the first cache, loads "
            "and stores included. The latencies of exp and log\ninclude a change of sign and an "
            "addition; our log is of numbers in [1, 2].\n\n"
            + markdown.table(["operation", *ways],
                             [[name, *(cells.get(way, "-") for way in ways)]
                              for name, cells in by.items()], right=range(1, 5)))


def runs(found):
    if "whole runs" not in found:
        return ""
    rows = []
    for key, about in found["whole runs"].items():
        low, middle, high = quartiles(about["first step"])
        last = about["epochs"][-1]
        rows.append([found["peers"].get(key, "Rectify"), f"{middle:.3f}", f"{low:.3f}-{high:.3f}",
                     f"{about['most memory'] / 2**20:.0f}", last["epoch"],
                     f"{100 * last['test error']:.2f}", f"{last['training seconds']:.1f}",
                     f"{last['since']:.1f}"])
    return ("## Whole runs on MNIST\n\nThe recipe of `rectify train` for 784-1000-1000-1000-10, in "
            "PyTorch with the same network, schedule\nand optimiser and with the settings found "
            "for mlp-momentum-128. *First step*: seconds from the start of\nthe process to the end "
            "of the first step, the files being in the system's cache. *MiB*: the most\nmemory of "
            "the process. Then the first epoch with at most 1.5 % test error, in one run: its "
            "error, the\nseconds of training steps until then, the seconds since the start of the "
            "process. Samples and initial\nweights are other random draws in PyTorch.\n\n"
            + markdown.table(["", "first step", "quartiles", "MiB", "epoch", "%", "training s",
                              "all s"], rows, right=range(1, 8)))


def zeros(found):
    if "zeros" not in found:
        return ""
    rows = []
    for batch, measured in found["zeros"].items():
        ours = measured["seconds"]["sparse"]
        cells = [batch, f"{statistics.median(ours):.2f}"]
        for name in ("dense", "pytorch"):
            theirs = measured["seconds"][name]
            low, middle, high = quartiles([t / o for t, o in zip(theirs, ours)])
            cells += [f"{statistics.median(theirs):.2f}", f"{middle:.2f} ({low:.2f} to {high:.2f})"]
        rows.append([*cells, measured["how"]])
    return ("## Zeros that are left out\n\nSeconds of training in the second epoch of `rectify "
            "train`'s recipe on MNIST, 784-1000-1000-1000-10, by\n`bench/zeros.py` in turns. *Dense* "
            "is ours with `RECTIFY_SPARSE=off`; PyTorch is at its best of the\nsettings named. The "
            "ratios are to ours, with quartiles.\n\n"
            + markdown.table(["batch", "ours", "dense", "ratio", "PyTorch", "ratio", "its settings"],
                             rows, right=range(0, 6)))


def watching(found):
    if not found.get("watching"):
        return ""
    rows = []
    for batch, values in found["watching"].items():
        low, middle, high = quartiles(values)
        rows.append([f"mlp-sgd-{batch}", f"{100 * middle:.2f}", f"{100 * low:.2f} to {100 * high:.2f}",
                     len(values)])
    return ("## What watching costs\n\nTraining steps with the cheap counters (loss, error, norms "
            "of the gradients every 64th step) against\nsteps without, in alternating pairs: the "
            "additional time in percent.\n\n"
            + markdown.table(["row", "median", "quartiles", "pairs"], rows, right=(1, 2, 3)))


INTRODUCTION = """# Speed

Written by `{command}` on {date}; do not edit.

{machine}
Kernels for {isa}. Peers: {peers}; {products}.

Rectify and every peer do the same work with the same samples, weights, optimiser and batch. After 100
steps the losses agree to 1e-3 relative (for inference the outputs, of the largest), or the peer does
not count in that row. Each peer runs at its best of the settings that were searched for each row:
threads, their binding, the BLAS and its kernels, and what the peer itself offers; the last table names
them. Then all take turns in one session, {rounds} times, {seconds} s of steps each.

A row is called NETWORK-WORK-BATCH: mlp is 784-1000-1000-1000-10, narrow is 64-64-64-64-10, both with
rectifiers, resnet20 that of `rectify models` with batch norm and vgg11 (without it, and without
dropout) on images of 32x32x3; sgd, momentum and adam are training steps, infer is inference; bf16 is the precision of the products, else fp32. *ms* is
the median time of our step with its quartiles, *peer* that of the fastest peer, *which* its name,
*ratio* its time over ours, *inst.* the ratio to the fastest peer as installed, *GF/s* the rate of our
products and *%* its share of the multiply-add peak measured in the same turns.

"""


def document(found, folder):
    """Writes benchmarks.md and benchmarks.svg into the folder."""
    text = INTRODUCTION.format(
        command=COMMAND, date=found["date"],
        machine=f"{found['processor']}, {found['cores']} cores; Rectify {found['revision']}.",
        isa=found["ours"]["instruction_set"], peers=", ".join(found["peers"].values()) or "none",
        products=found["products"], rounds=found["rounds"], seconds=found["seconds"])
    text += "![Times of the fastest peer over ours](benchmarks.svg)\n\n" + table(found) + "\n"
    slow = [row["name"] for row in found["rows"]
            if best_peer(row) and statistics.median(ratios(row, best_peer(row))) < 0.97]
    text += f"Below 0.97 of the best peer: {', '.join(slow) or 'none'}.\n\n"
    others = sorted(name for name in os.listdir(folder)
                    if name.startswith("benchmarks-") and name.endswith(".md"))
    if others:
        text += "Other machines: " + ", ".join(f"[{name}]({name})" for name in others) + ".\n\n"
    text += "\n\n".join(part for part in [
        "## Everyone's times\n\nMilliseconds, medians. *Products* are the matrix products of the "
        "step alone by oneDNN called directly\nwith its own threads, at its best: no bias, "
        "activation, loss or optimiser.\n\n" + every_peer(found), left_out(found), runs(found),
        zeros(found), watching(found), limits(found), "## Settings\n\n" + settings(found)] if part)
    markdown.write_document(os.path.join(folder, "benchmarks.md"), text)
    with open(os.path.join(folder, "benchmarks.svg"), "w") as file:
        file.write(plot(found))


def plot(found):
    """The ratio to the best peer as a bar a row on a logarithmic axis, with its quartiles."""
    rows = [row for row in found["rows"] if best_peer(row)]
    if not rows:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
    left, right, top, step = 150, 640, 46, 20
    bottom = top + step * len(rows)
    most = max(max(max(ratios(row, best_peer(row))),
                   statistics.median(ratios(row, installed(row)))) for row in rows)
    low, high = math.log(0.5), math.log(max(2.5, most) * 1.1)

    def x(ratio):
        return left + (right - left) * (math.log(min(max(ratio, 0.5), most)) - low) / (high - low)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{bottom + 34}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="720" height="{bottom + 34}" fill="#ffffff"/>',
             f'<text x="{left}" y="18" font-size="14">Time of the fastest peer at its best over '
             "Rectify's</text>",
             f'<text x="{left}" y="35" fill="#666666">line: quartiles; diamond: fastest peer as '
             'installed</text>']
    for tick in (0.5, 1, 2, 5, 10, 20, 50, 100):
        if math.log(tick) > high:
            continue
        colour = "#444444" if tick == 1 else "#dddddd"
        parts.append(f'<line x1="{x(tick):.1f}" y1="{top}" x2="{x(tick):.1f}" y2="{bottom}" '
                     f'stroke="{colour}"/><text x="{x(tick):.1f}" y="{bottom + 16}" '
                     f'text-anchor="middle">{tick}</text>')
    for i, row in enumerate(rows):
        y = top + step * i + step / 2
        first, middle, third = quartiles(ratios(row, best_peer(row)))
        out = statistics.median(ratios(row, installed(row)))
        start, end = sorted((x(1), x(middle)))
        colour = "#2b6cb0" if middle >= 1 else "#c05621"
        parts += [f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(row["name"])}</text>',
                  f'<rect x="{start:.1f}" y="{y - 6}" width="{max(1, end - start):.1f}" height="12" '
                  f'fill="{colour}"/>',
                  f'<line x1="{x(first):.1f}" y1="{y}" x2="{x(third):.1f}" y2="{y}" '
                  'stroke="#111111" stroke-width="1.5"/>',
                  f'<path d="M{x(out):.1f} {y - 5} l5 5 l-5 5 l-5 -5 z" fill="none" '
                  'stroke="#555555"/>',
                  f'<text x="710" y="{y + 4}" text-anchor="end">{middle:.2f}</text>']
    return "\n".join(parts + ["</svg>"]) + "\n"
