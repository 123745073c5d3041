#!/usr/bin/env python3
"""Measures `rectify diagnose`: how many faulty programs it finds, whether its first finding is the
cause, how often it raises a false alarm, and whether its advice helps.

    python3 bench/faults.py                      # all but --advice
    python3 bench/faults.py --cases --only iris  # one case, and its fix
    python3 bench/faults.py --advice             # trains with the first advice; takes long

--cases are programs that people asked about because they did not train, --planted are faults in
programs that train, --healthy are runs that train well. MNIST and CIFAR-10 are read from
--data-dir/mnist and --data-dir/cifar10 (cifar10-jpeg.tar.xz). Runs are kept in --out and not
trained again; `diagnose` runs anew on every call. Needs NumPy; some healthy runs need scikit-learn
for their data and are left out without it.

A fault is *found* if there is a finding above note, or the cause is named in a note. The first
finding is *right* if its cause is one of those that the program expects. Where training was
refused, the findings are those of `preflight`, or else what the refusal names.
"""
import argparse
import json
import os
import sys

from faults import advice, cases, healthy, planted, tables
from faults.files import Place
from faults.runner import REFUSED, Runner
from report import ROOT

# What the words of a refusal name.
REFUSALS = {"one_class_labels": "have the same class",
            "small_batch_norm": "batch_norm needs 2 samples"}
# A healthy run's errors are below this share of guessing's, shares of classes or roots of squares.
GUESSING, GUESSING_NUMBERS = 0.65, 0.75


def expected(finding, expect):
    return finding["cause"] in expect or f"{finding['cause']}@{finding['where']}" in expect


def good(record):
    """Whether a run learnt, and did not lose it again."""
    if record["error"] is None or record["last"] is None:
        return False
    enough = GUESSING if record["unit"] == 1 else GUESSING_NUMBERS
    return max(record["error"], record["last"]) < enough * record["baseline"]


def judge(program, record, heard):
    """What a line says of one run."""
    findings = (heard["answer"] or {}).get("findings", [])
    alarms = [f for f in findings if f["severity"] != "note"]
    if record["rc"] == REFUSED and not findings:
        findings = alarms = [{"cause": cause, "where": "", "severity": "fault"}
                             for cause, words in REFUSALS.items() if words in record["said"]]
    first = findings[0] if findings else None
    named = any(expected(f, program.expect) for f in findings)
    error, baseline = record["error"], record["baseline"]
    return {
        "group": program.group, "name": program.name, "expect": sorted(program.expect),
        "error": error, "baseline": baseline, "said": record["said"].strip(),
        "train_seconds": record["seconds"], "diagnose_seconds": heard["seconds"],
        "by": heard["by"], "rc": heard["rc"],
        "failed": heard["said"].strip() if heard["answer"] is None and not findings else "",
        "findings": findings, "alarms": alarms, "first": first["cause"] if first else None,
        "where": first["where"] if first else "", "named": named,
        "found": bool(alarms) or named if program.expect else None,
        "right": bool(first and expected(first, program.expect)) if program.expect else None,
        "healthy": not program.expect and good(record),
    }


def measure(runner, programs, what):
    """Trains what is not there yet, diagnoses all, and prints a line for each."""
    def work(program):
        record = runner.train(program)
        result = judge(program, record, runner.findings(program, record))
        print(tables.line_of(result), flush=True)
        return result
    print(f"{what:<28}{'error':>9}{'guessing':>10}  found right first finding")
    return runner.each(work, programs, what)


def chosen(args):
    """Lists of programs: the faulty ones, and the healthy ones."""
    everything = not (args.cases or args.planted or args.healthy or args.advice)
    faulty, well = [], []
    if args.cases or args.advice or everything:
        faulty += cases.all_cases()
    if args.planted or args.advice or everything:
        faulty += planted.all_planted()
    if args.healthy or everything:
        well += [p.fixed for p in cases.all_cases()]
        well += healthy.all_healthy()
        well += [p.fixed for p in planted.all_planted()]
    return one_each(faulty, args.only), one_each(well, args.only)


def one_each(programs, only):
    """Without repetitions, and only those with one of the words in their names."""
    found = {(p.group, p.name): p for p in programs
             if not only or any(word in f"{p.group}/{p.name}" for word in only)}
    return list(found.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", action="store_true", help="programs from public questions")
    parser.add_argument("--planted", action="store_true", help="planted faults")
    parser.add_argument("--healthy", action="store_true", help="runs that train well")
    parser.add_argument("--advice", action="store_true", help="trains with the first advice")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="runs with a WORD in their names")
    parser.add_argument("--out", default="faults-out", help="folder for data and runs")
    parser.add_argument("--rectify", default=os.path.join(ROOT, "build", "bin", "rectify"))
    parser.add_argument("--data-dir", default=os.path.join(ROOT, "..", "shared", "data"))
    parser.add_argument("--jobs", type=int, choices=(1, 2), default=1, help="at once")
    parser.add_argument("--json", metavar="FILE", help="writes all results there")
    args = parser.parse_args()
    place = Place(os.path.abspath(args.data_dir), os.path.abspath(args.out), ROOT)
    runner = Runner(args.rectify, place, args.jobs)
    faulty, well = chosen(args)
    written, texts = {}, []
    if args.advice:
        written["advice"] = advice.measure(runner, faulty)
        texts.append(tables.advice_table(written["advice"], advice.trainings(written["advice"])))
    elif faulty:
        written["faulty"] = measure(runner, faulty, "faulty programs")
        texts.append(tables.faulty_table(written["faulty"]))
    if well:
        written["healthy"] = measure(runner, healthy.possible(well, place), "healthy runs")
        texts.append(tables.healthy_table(written["healthy"]))
    print("\n" + "\n\n".join(texts))
    if args.json:
        with open(args.json, "w") as file:
            json.dump(written, file, indent=1)
    failed = [r["name"] for r in written.get("faulty", []) + written.get("healthy", [])
              if r["failed"]]
    if failed:
        sys.exit("diagnose failed on " + ", ".join(failed))


if __name__ == "__main__":
    main()
