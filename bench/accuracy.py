#!/usr/bin/env python3
"""Sweeps all activations of Rectify, oneDNN and PyTorch over the floats; writes docs/accuracy.md.

  cmake --preset default -DRECTIFY_BENCHMARKS=ON && cmake --build --preset default
  bench/accuracy.py [--python /usr/bin/python3] [--quick]

--python names an interpreter that has torch; without one that works, PyTorch's columns are left
out. --quick looks at few points and writes nothing into docs/ unless --document says where.
Arguments after -- go to bench_accuracy, such as --exhaustive-below 100 for all floats of all rows.
"""
import argparse
import json
import os
import re
import struct
import subprocess
import sys
import time

from report import HERE, ROOT, machine, table, write_document

OURS = ["avx512", "avx2", "baseline"]
DOCUMENT = os.path.join(ROOT, "docs", "accuracy.md")


def run_ours(program, arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("bench_accuracy failed")
    return json.loads(done.stdout)


def run_pytorch(python, library, report):
    command = [python, os.path.join(HERE, "against", "pytorch_accuracy.py"), "--library", library]
    done = subprocess.run(command, input=json.dumps(report), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print("PyTorch cannot be run with " + python + ": left out", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def units(v):
    if v >= 1e299:
        return "infinite"
    return f"{v:.2f}" if v < 100 else f"{v:.1e}"


def points(sweep):
    return "all 2^32" if sweep["all"] else f"2^{(sweep['points'] - 1).bit_length()}"


def place(bits):
    """A float by its bits, in decimal and as a hexadecimal float."""
    x = struct.unpack("f", struct.pack("I", bits))[0]
    return f"{x:.9g}", re.sub(r"\.?0+p", "p", x.hex())


def verdict_of(sweep, subject):
    return sweep["verdicts"].get(subject)


def within_contract(verdict):
    return verdict["over"] == verdict["nan"] == verdict["lost_nan"] == 0


def summary_rows(report, kind):
    rows = []
    for sweep in (s for s in report["sweeps"] if s["kind"] == kind):
        cells = [sweep["row"], points(sweep)]
        for subject in OURS + ["onednn", "pytorch"]:
            verdict = verdict_of(sweep, subject)
            cells.append(units(verdict["ulp"]) if verdict else "-")
        if kind == "slope":
            worst = max(verdict_of(sweep, s)["absolute"] for s in OURS if verdict_of(sweep, s))
            cells.append(f"{worst:.1e}" if worst else "-")
        rows.append(cells)
    return rows


def place_rows(report, kind):
    """Where our worst errors are; instruction sets that agree share a line."""
    rows = []
    for sweep in (s for s in report["sweeps"] if s["kind"] == kind):
        seen = {}
        for subject, verdict in sweep["verdicts"].items():
            if subject.split()[0] in OURS and verdict["ulp"] > 0:
                key = (units(verdict["ulp"]), *place(verdict["at_bits"]))
                seen.setdefault(key, []).append(subject)
        for (ulp, decimal, hexadecimal), subjects in seen.items():
            order = sorted(subjects, key=lambda s: (len(s.split()), OURS.index(s.split()[0])))
            rows.append([sweep["row"], ", ".join(order), ulp, decimal, hexadecimal])
    return rows


def near_rows(report):
    """The slopes close to where they change their sign."""
    rows = []
    for sweep in report["sweeps"]:
        for subject in OURS:
            verdict = verdict_of(sweep, subject)
            if verdict and verdict["absolute"] > 0:
                rows.append([sweep["row"], subject, f"{verdict['absolute']:.2e}",
                             *place(verdict["near_at_bits"])])
    return rows


def peer_rows(report, peer):
    rows = []
    for sweep in report["sweeps"]:
        verdict = verdict_of(sweep, peer)
        if not verdict or within_contract(verdict) and verdict["ulp"] == 0:
            continue
        operation = sweep.get(peer + "_as") or sweep["row"]
        over = verdict["over"] / verdict["points"]
        rows.append([sweep["row"], sweep["kind"], operation, units(verdict["ulp"]),
                     place(verdict["at_bits"])[0],
                     "infinite" if verdict["scaled"] >= 1e299 else f"{verdict['scaled']:.1e}",
                     f"{100 * over:.2g} %" if over else "0", str(verdict["nan"]),
                     str(verdict["lost_nan"])])
    return rows


def add_pytorch(report, pytorch):
    by_key = {(s["row"], s["kind"]): s for s in pytorch["sweeps"]}
    for sweep in report["sweeps"]:
        found = by_key.get((sweep["row"], sweep["kind"]))
        if found:
            sweep["verdicts"]["pytorch"] = found["verdict"]
            sweep["pytorch_as"] = ("composed: " if found["composed"] else "") + found["as"]
    report["pytorch"] = pytorch["version"]


def conclusion(report):
    broken = [(s["row"], s["kind"], subject, v) for s in report["sweeps"]
              for subject, v in s["verdicts"].items()
              if subject.split()[0] in OURS and not within_contract(v)]
    if not broken:
        return "Every row keeps what it promises on every instruction set, at every input looked at."
    lines = ["These do not keep what they promise:", ""]
    for row, kind, subject, v in broken:
        lines.append(f"- {row}, {kind}, {subject}: {v['over']} of {v['points']} inputs; at worst "
                     f"{units(v['ulp'])} ulp at {place(v['at_bits'])[0]}; NaN {v['nan']}, "
                     f"lost NaN {v['lost_nan']}")
    return "\n".join(lines)


def exceptions(report):
    """What rows say of themselves instead of 4 ulp."""
    found = [f"{s['row']} {s['kind']} {s['allowed_ulp']:g}" for s in report["sweeps"]
             if s["allowed_ulp"] != 4]
    return " Rows that promise another number of ulp: " + ", ".join(found) + "." if found else ""


INTRODUCTION = """\
The contract: a float result lies within 4 units in the last place (ulp) of the definition in double
precision, over the whole range of floats, denormals and infinities included. A slope may be further
off within 0.5 of a sign change of the slope (for silu 0.5 / beta), if it is within 1e-7 there. NaN
gives NaN.{exceptions}

How it was held against that: the float kernels of each row with its default parameters, and the
slope as the gradient for an incoming gradient of 1. Rows whose definition takes less than {below:g}
ns are swept over all 2^32 floats, the others over a stratified choice: a half over all bit patterns
at even distance (each sign and exponent, pseudo-random low bits), a quarter in [-20, 20], an eighth
in [-120, 0], an eighth next to the multiples of 1/2 up to 128. `bench/judge.h` is the judge, of
Rectify, oneDNN and PyTorch alike, on the same inputs.

{conclusion}
"""

PEERS = """\
## {name}

As a reference point, not as a fault: {name} makes no such promise. *Scaled* is the worst error over
max(1, |exact result|), which forgives results near 0 and is what training feels; *over* is the
share of the inputs swept that the contract would not allow (a quarter of a stratified sweep is in
[-20, 20]); *NaN* counts NaN where the definition has a value or a limit, *lost* a number for NaN.
{more}
"""


def document(report, command):
    parts = ["# Accuracy of the activations\n",
             f"Written by `{command}`; do not edit.\n",
             machine([("oneDNN", report["onednn"]), ("PyTorch", report.get("pytorch", "absent")),
                      ("GCC", report["compiler"])]),
             INTRODUCTION.format(below=report["exhaustive_below_ns"],
                                 conclusion=conclusion(report),
                                 exceptions=exceptions(report))]
    head = ["row", "points", *OURS, "oneDNN", "PyTorch"]
    right = [1, 2, 3, 4, 5, 6, 7]
    parts += ["## Values: worst error in ulp\n", table(head, summary_rows(report, "value"), right)]
    parts += ["## Slopes: worst error in ulp\n",
              "The last column is our worst absolute error of those that are further off near a sign\n"
              "change than is allowed elsewhere, on any instruction set.\n",
              table(head + ["near"], summary_rows(report, "slope"), right)]
    head = ["row", "instruction set", "ulp", "x", "x"]
    parts += ["## Where our worst errors are\n",
              "*Varying* are the kernels with a slope of each element's own. Rows that are not\n"
              "listed round correctly.\n",
              "Values:\n", table(head, place_rows(report, "value"), [2]),
              "Slopes:\n", table(head, place_rows(report, "slope"), [2])]
    near = near_rows(report)
    if near:
        parts += ["Slopes near a sign change, absolute:\n",
                  table(["row", "instruction set", "error", "x", "x"], near, [2])]
    head = ["row", "kind", "operation", "ulp", "at x", "scaled", "over", "NaN", "lost"]
    for peer, name in (("onednn", "oneDNN"), ("pytorch", "PyTorch")):
        more = "" if peer == "onednn" else (
            "Its backward of sigmoid and tanh starts from the output, which cannot tell small\n"
            "slopes where it saturates; ours from the output is the same (family.h).\n")
        rows = peer_rows(report, peer)
        if rows:
            parts += [PEERS.format(name=name, more=more), table(head, rows, [3, 5, 6, 7, 8])]
    parts.append(f"The sweep took {report['wall_seconds'] / 60:.1f} minutes on "
                 f"{report['threads']} threads.\n")
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--python", default="/usr/bin/python3", help="one that has torch")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", help="also writes all figures there, or reads them with --redo")
    parser.add_argument("--redo", action="store_true", help="the document from --json, no sweep")
    parser.add_argument("--document", help="where the document goes")
    parser.add_argument("rest", nargs="*", help="for bench_accuracy, after --")
    args = parser.parse_args()
    if args.redo:
        with open(args.json) as file:
            report = json.load(file)
    else:
        begin = time.time()
        folder = os.path.join(args.build, "bench")
        report = run_ours(os.path.join(folder, "bench_accuracy"),
                          (["--quick"] if args.quick else []) + args.rest)
        pytorch = run_pytorch(args.python, os.path.join(folder, "librectify_judge.so"), report)
        if pytorch:
            add_pytorch(report, pytorch)
        report["wall_seconds"] = time.time() - begin
        if args.json:
            with open(args.json, "w") as file:
                json.dump(report, file, indent=1)
    command = "bench/accuracy.py" + (" --quick" if args.quick else "")
    if args.rest:
        command += " -- " + " ".join(args.rest)
    target = args.document or (None if args.quick else DOCUMENT)
    write_document(target, document(report, command))
    print(conclusion(report))


if __name__ == "__main__":
    main()
