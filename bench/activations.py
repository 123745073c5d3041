#!/usr/bin/env python3
"""Times the activations of Rectify, oneDNN and PyTorch; writes docs/activation-speed.md.

  cmake --preset default -DRECTIFY_BENCHMARKS=ON && cmake --build --preset default
  bench/activations.py [--python /usr/bin/python3] [--quick]

--python names an interpreter that has torch; without one that works, PyTorch is left out. Every
contender is checked to compute the same before it is timed. They take turns in one session; what
counts is the median over the rounds, and of the ratio in each round.
"""
import argparse
import json
import os
import subprocess
import sys
import time

from activations_document import document
from report import HERE, ROOT, write_document

DOCUMENT = os.path.join(ROOT, "docs", "activation-speed.md")
LEAST = 64  # floats; the time for so few is that of the call itself
SLOW = 4.0  # seconds a call from which on a contender is left out


class Server:
    """A program that answers a request a line with JSON a line."""

    def __init__(self, command, core):
        # Whatever was tuned for something else stays out: one thread each, no BLAS involved.
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("OPENBLAS_", "OMP_", "MKL_", "GOMP_", "KMP_"))}
        env["OMP_NUM_THREADS"] = "1"
        pin = None if core is None else lambda: os.sched_setaffinity(0, {core})
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=env, preexec_fn=pin)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("ended")
        reply = json.loads(line)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Bench:
    def __init__(self, args):
        program = os.path.join(args.build, "bench", "bench_activations")
        self.args = args
        self.ours = Server([program], args.core)
        self.about = self.ours.ask("describe")
        self.pytorch = Server([args.python, os.path.join(HERE, "against",
                                                         "pytorch_activations.py")], args.core)
        try:
            self.about["pytorch"] = self.pytorch.ask("describe")
        except RuntimeError:
            print("PyTorch cannot be run with " + args.python + ": left out", file=sys.stderr)
            self.about["pytorch"] = {"version": "absent", "rows": {}}

    def close(self):
        self.ours.close()
        self.pytorch.close()

    def server_of(self, contender):
        return self.pytorch if contender == "pytorch" else self.ours

    def contenders(self, row, which):
        names = list(row[which])
        if row["name"] in self.about["pytorch"]["rows"]:
            names.append("pytorch")
        return names

    def check(self, row, which, contenders, n):
        """Refuses to time contenders that do not compute the same."""
        first = None
        for name in contenders:
            results = self.server_of(name).ask("check", row, which, name, n)["results"]
            if first is None:
                first = results
            # What is computed from an output that saturates is off by its spacing.
            off = max(abs(a - b) / max(1, abs(a)) for a, b in zip(first, results))
            if not off < 1e-4:
                raise RuntimeError(f"{name} computes another {row} {which} than {contenders[0]}: "
                                   f"off by {off:.2g}")

    def seconds(self, contender, row, which, n):
        big = n > 1 << 20
        samples = 1 if self.args.quick else 2 if big else 5
        return self.server_of(contender).ask("time", row, which, contender, n, 1e-3,
                                             samples)["seconds"]

    def best_copy(self, n):
        names = [name.replace(" ", "_") for name in self.about["copies"]]
        times = {name: min(self.seconds(name, "copy", "forward", n) for _ in range(3))
                 for name in names}
        return min(times, key=times.get), times

    def case(self, row, which, n, estimate, copy):
        """One row, one pass, one size: the times of each contender, a round each."""
        names = self.contenders(row, which)
        self.check(row["name"], which, names, n)
        slow = [name for name in names if estimate.get(name, 0) * n > SLOW]
        names = [name for name in names if name not in slow]
        times = {name: [] for name in names + ([copy] if copy else [])}
        for turn in range(self.args.rounds):
            for i in range(len(names)):
                name = names[(i + turn) % len(names)]
                times[name].append(self.seconds(name, row["name"], which, n))
            if copy:
                times[copy].append(self.seconds(copy, "copy", "forward", n))
        return {"row": row["name"], "pass": which, "n": n, "copy": copy, "slow": slow,
                "times": times}

    def overheads(self, rows):
        """Seconds that a call of a peer takes when there is next to nothing to do."""
        found = {}
        for row in rows:
            for which in ("forward", "backward"):
                for name in self.contenders(row, which):
                    found[f"{row['name']} {which} {name}"] = min(
                        self.seconds(name, row["name"], which, LEAST) for _ in range(3))
        return found

    def run(self):
        rows = [row for row in self.about["rows"]
                if not self.args.rows or row["name"] in self.args.rows]
        report = {"about": self.about, "rounds": self.args.rounds, "cases": [],
                  "sizes": self.args.sizes, "overheads": self.overheads(rows)}
        estimate = {}
        for n in self.args.sizes:
            copy = None
            if n == max(self.args.sizes):
                copy, report["copies"] = self.best_copy(n)
            for row in rows:
                for which in ("forward", "backward"):
                    key = (row["name"], which)
                    case = self.case(row, which, n, estimate.get(key, {}), copy)
                    estimate[key] = {k: min(v) / n for k, v in case["times"].items()}
                    report["cases"].append(case)
                    best = {k: f"{n / min(v) * 1e-9:.3g}" for k, v in case["times"].items()}
                    print(f"{n:>9} {row['name']:<16} {which:<8} elements a ns: {best}",
                          file=sys.stderr, flush=True)
        return report


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--python", default="/usr/bin/python3", help="one that has torch")
    parser.add_argument("--rounds", type=int, help="at least 7 count (default 9, quick 3)")
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")],
                        help="floats, multiples of 64, rising; the last is out of cache")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)),
                        help="the core that all contenders run on; -1: any")
    parser.add_argument("--quick", action="store_true", help="few rounds; writes no document")
    parser.add_argument("--json", help="also writes all figures there, or reads them with --redo")
    parser.add_argument("--redo", action="store_true", help="the document from --json, no timing")
    parser.add_argument("--document", help="where the document goes")
    parser.add_argument("rows", nargs="*", help="only these")
    args = parser.parse_args()
    args.rounds = args.rounds or (3 if args.quick else 9)
    args.sizes = args.sizes or [1 << 12, 1 << 16, 1 << (24 if args.quick else 26)]
    args.core = None if args.core < 0 else args.core
    if args.redo:
        with open(args.json) as file:
            report = json.load(file)
    else:
        begin = time.time()
        bench = Bench(args)
        report = bench.run()
        bench.close()
        report["wall_seconds"] = time.time() - begin
        if args.json:
            with open(args.json, "w") as file:
                json.dump(report, file, indent=1)
    partial = args.quick or args.rows
    command = " ".join(["bench/activations.py"] + ["--quick"] * args.quick + args.rows)
    write_document(args.document or (None if partial else DOCUMENT), document(report, command))


if __name__ == "__main__":
    main()
