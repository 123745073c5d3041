"""What bench/speed.py found, as a table."""
import statistics

import report as markdown


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 \
        else [values[0]] * 3


def figure(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def best_peer(row):
    """The key of the fastest peer at its best settings, None without one."""
    keys = list(row["settings"])
    return min(keys, key=lambda key: statistics.median(row["times"][key])) if keys else None


def line(row, peers):
    low, middle, high = quartiles(row["times"]["ours"])
    rate = row["flops"] / middle
    peak = statistics.median(row["times"]["peak"])
    cells = [row["name"], figure(1e3 * middle), f"{figure(1e3 * low)}-{figure(1e3 * high)}"]
    key = best_peer(row)
    if key:
        theirs = statistics.median(row["times"][key])
        installed = min(statistics.median(v) for k, v in row["times"].items()
                        if k.endswith("installed"))
        cells += [figure(1e3 * theirs), key.replace("pytorch", "torch"), f"{theirs / middle:.2f}",
                  f"{installed / middle:.2f}"]
    else:
        cells += ["", "", "", ""]
    return cells + [figure(rate / 1e9), f"{100 * rate / peak:.0f}"]


def table(found):
    """One line a row, no more than 80 columns."""
    head = ["row", "ms", "quartiles", "peer", "which", "ratio", "inst.", "GF/s", "%"]
    return markdown.table(head, [line(row, found["peers"]) for row in found["rows"]],
                          right=(1, 2, 3, 5, 6, 7, 8))
