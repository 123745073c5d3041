#!/usr/bin/env python3
"""Verifies every instance of a benchmark of the verification competition, and sums up.

    python3 bench/verification.py DIR [--timeout S] [--only N_M] [--expected FILE]
        [--certificates FOLDER]

DIR has the networks, the properties and `*_instances.csv` with lines NETWORK,PROPERTY,SECONDS, such as
ACAS Xu of 2021. Each instance is a process of `rectify verify` with its own time limit, which checks
its counterexamples itself. Where ONNX Runtime is installed, they are run through it as well, and the
largest difference of an output is printed. --expected has lines NETWORK,PROPERTY,ANSWER. With
--certificates a certificate of each answer is written into that folder, and checked again.
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys

try:
    import numpy
    import onnxruntime
except ImportError:
    onnxruntime = None


def instances(folder):
    lists = sorted(folder.glob("*instances.csv"))
    if len(lists) != 1:
        sys.exit(f"{folder} has {len(lists)} files *instances.csv; one is needed")
    with open(lists[0], newline="") as file:
        return [(row[0], row[1], float(row[2])) for row in csv.reader(file) if row]


def replayed(network, verdict):
    """The largest difference between the outputs of ONNX Runtime and those that were printed."""
    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    asked = session.get_inputs()[0]
    shape = [extent if isinstance(extent, int) else 1 for extent in asked.shape]
    sample = numpy.array(verdict["input"], numpy.float32).reshape(shape)
    output = session.run(None, {asked.name: sample})[0].ravel()
    return float(abs(output - numpy.array(verdict["output"], numpy.float32)).max())


def checked(command, verdict, certificate):
    """Sizes and seconds of a certificate that is proven again. Ends where it is refused."""
    written = verdict["certificate"]
    if not written["file"]:
        return None
    done = subprocess.run(command + ["--check", str(certificate)], capture_output=True, text=True)
    if done.returncode != 0 or json.loads(done.stdout)["answer"] != verdict["answer"]:
        sys.exit(f"refused: {done.stderr}{done.stdout}")
    return written["bytes"], written["seconds"], json.loads(done.stdout)["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rectify", default="build/bin/rectify")
    parser.add_argument("--timeout", type=float, help="seconds, in place of each instance's own")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--only", default="", help="instances whose network or property has this")
    parser.add_argument("--expected", help="lines NETWORK,PROPERTY,ANSWER to hold the answers against")
    parser.add_argument("--certificates", type=pathlib.Path,
                        help="folder for a certificate of each answer, which is checked again")
    args = parser.parse_args()
    if args.certificates:
        args.certificates.mkdir(parents=True, exist_ok=True)
    expected = {}
    if args.expected:
        with open(args.expected, newline="") as file:
            expected = {(row[0], row[1]): row[2] for row in csv.reader(file) if row}
    seconds, answers, certificates, wrong, largest = [], [], [], 0, 0.0
    for network, property_file, limit in instances(args.folder):
        if args.only not in network + " " + property_file:
            continue
        command = [args.rectify, "verify", str(args.folder / network), "--property",
                   str(args.folder / property_file), "--timeout", str(args.timeout or limit),
                   "--threads", str(args.threads), "--json", "--quiet"]
        certificate, written = None, []
        if args.certificates:
            name = f"{pathlib.Path(network).stem}-{pathlib.Path(property_file).stem}.txt"
            certificate = args.certificates / name
            written = ["--certificate", str(certificate)]
        done = subprocess.run(command + written, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        verdict = json.loads(done.stdout)
        answers.append(verdict["answer"])
        seconds.append(verdict["seconds"])
        note = ""
        if verdict["answer"] == "violated" and onnxruntime:
            difference = replayed(args.folder / network, verdict)
            largest = max(largest, difference)
            note = f"  ONNX Runtime differs by {difference:.1e}"
        if certificate:
            proof = checked(command, verdict, certificate)
            if proof:
                certificates.append(proof)
                note += f"  certificate {proof[0]} bytes, checked in {proof[2]:.2f} s"
            else:
                note += f"  {verdict['certificate']['why']}"
        want = expected.get((network, property_file))
        if want and verdict["answer"] not in (want, "unknown"):
            wrong += 1
            note += f"  WRONG: expected {want}"
        print(f"{network:40} {property_file:20} {verdict['answer']:9} {verdict['seconds']:8.2f} s "
              f"{verdict['sub_problems']:10}{note}", flush=True)
    if not answers:
        sys.exit(f"no instance has '{args.only}' in its name")
    counts = ", ".join(f"{answers.count(kind)} {kind}" for kind in ("holds", "violated", "unknown"))
    print(f"{len(answers)} instances: {counts}; median {statistics.median(seconds):.2f} s, "
          f"longest {max(seconds):.2f} s, sum {sum(seconds):.1f} s")
    if args.certificates:
        size, made, again = (sum(proof[n] for proof in certificates) for n in range(3))
        print(f"{len(certificates)} certificates, {size / 1024:.0f} KiB, made in {made:.1f} s and "
              f"checked in {again:.1f} s")
    if expected:
        print(f"{wrong} answers contradict {args.expected}")
    if onnxruntime:
        print(f"counterexamples through ONNX Runtime {onnxruntime.__version__}: outputs differ by at "
              f"most {largest:.1e}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
