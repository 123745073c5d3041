#!/usr/bin/env python3
"""Times Rectify and every peer that is found at the same work, in turns; scripts/bench.sh starts it.

For each row: Rectify writes weights and samples, every setting of every peer is searched for the
fastest, its losses are held against Rectify's, then all take turns: Rectify, each peer at its best,
each peer as installed, and the machine's own limit. What counts is the median over the turns.

  scripts/bench.sh [--quick] [--continue] [--python PYTHON]... [--mnist DIR] [ROW]...

Figures are saved after each row; --continue goes on where a run was stopped. The search of settings: every environment (threads, how they are bound, the BLAS and its kernels) is
timed for a moment, the best third again for longer, and in the best three what the peer itself
offers. Another optimiser's row with the same network and batch begins with the best six of those
environments: the products are the same.
"""
import argparse
import fnmatch
import json
import os
import statistics
import sys
import tempfile
import time

import peers
from report import ROOT, processor, revision
from server import Server, ServerError
from speed_document import document, table
from workloads import flops, task as make_task, workloads, WIDE
import whole_runs
import zeros

QUICK = ["mlp-sgd-1", "mlp-sgd-32", "mlp-sgd-128", "mlp-sgd-512", "mlp-adam-32", "mlp-infer-1",
         "narrow-sgd-32", "mlp-sgd-512-bf16"]
AGREEMENT = 1e-3  # of losses after 100 steps, relative; of outputs, of the largest


class Progress:
    """One line a stage on standard error, with the time that is left."""

    def __init__(self, total):
        self.total, self.done, self.begin = total, 0, time.monotonic()

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def step(self, text):
        passed = time.monotonic() - self.begin
        left = passed / self.done * (self.total - self.done) if self.done else None
        self.say(f"[{self.done + 1}/{self.total}] {text}"
                 + (f"; about {left / 60:.1f} minutes left" if left else ""))
        self.done += 1


def difference(ours, theirs):
    """How far what a peer found is from what Rectify found, relative."""
    if "outputs" in ours:
        largest = max(abs(a) for a in ours["outputs"])
        return max(abs(a - b) for a, b in zip(ours["outputs"], theirs["outputs"])) / largest
    return abs(ours["after"] - theirs["after"]) / abs(ours["after"])


class Contender:
    """A peer in one setting, at one task."""

    def __init__(self, peer, environment, options):
        self.peer, self.environment, self.options = peer, environment, options

    def server(self):
        return self.peer.server(self.environment)

    def open(self, task, folder):
        self.server().ask("open", task=task, folder=folder, setting=self.options)

    def time(self, seconds):
        return self.server().ask("time", seconds=seconds)["seconds"]

    def text(self):
        chosen = [self.environment] if self.environment else []
        for name, value in self.options.items():
            chosen.append(name if value is True else f"{name} {value}")
        return ", ".join(chosen) or "as installed"


class Bench:
    def __init__(self, args, progress):
        self.args, self.progress = args, progress
        bench = os.path.join(args.build, "bench")
        self.ours = Server([os.path.join(bench, "bench_network")])
        self.limits = Server([os.path.join(bench, "bench_limits")])
        self.peers = peers.find(args.python, args.quick, args.build, progress.say)
        self.products = peers.Products(os.path.join(bench, "bench_onednn_network"))
        self.reason = ""  # why the last setting did not count
        self.best = {}   # by row and peer: the environment and the options that were fastest
        self.known = {}  # the better environments, of a peer and a kind of task
        self.report = {"schema": 1, "processor": processor(), "cores": peers.cores(),
                       "revision": revision(), "date": time.strftime("%Y-%m-%d"),
                       "quick": args.quick, "rounds": args.rounds, "seconds": args.seconds,
                       "products": self.products.title,
                       "ours": self.ours.ask("about"), "limits": self.limits.ask("about"),
                       "peers": {peer.key: peer.title for peer in self.peers}, "rows": []}

    def close(self):
        for server in [self.ours, self.limits, self.products, *self.peers]:
            server.close()

    def timed(self, contenders, task, folder, seconds):
        """Contenders from fast to slow, as (seconds a step, contender)."""
        found = []
        for contender in contenders:
            try:
                contender.open(task, folder)
                found.append((contender.time(seconds), contender))
                contender.server().ask("close")  # many processes, each with all samples
            except ServerError as error:
                why = " ".join(str(error).split())[:200]
                self.reason = why
                self.progress.say(f"    {contender.peer.title}, {contender.text()}: {why}")
                contender.peer.drop(contender.environment)
        return sorted(found, key=lambda pair: pair[0])

    def candidates(self, peer, task, folder):
        """The better ones of a peer from fast to slow."""
        def contenders(names, options):
            return [Contender(peer, name, o) for name in names for o in options]

        def names_of(found):
            return [contender.environment for _, contender in found]
        group = (peer.key, task.get("network"), *task["widths"], task["batch"], task["training"], task["precision"])
        plain = [peer.plain(task)]
        if group not in self.known:
            names = [name for name in peer.environments if name]
            first = self.timed(contenders(names, plain), task, folder, self.args.search / 5)
            self.known[group] = names_of(first)[:max(6, len(first) // 3)]
        found = self.timed(contenders(self.known[group], plain), task, folder, self.args.search)
        self.known[group] = names_of(found)[:6]
        best = names_of(found)[:1 if self.args.quick else 3]
        options = [o for o in peer.variants(task) if o != plain[0]]
        found += self.timed(contenders(best, options), task, folder, self.args.search)
        if not self.args.quick:
            found += self.timed(contenders(best[:1], peer.slow_variants(task)), task, folder,
                                self.args.search)
        return sorted(found, key=lambda pair: pair[0])

    def fastest(self, peer, task, folder, ours):
        """The fastest setting whose results agree, and how far they are off."""
        for seconds, contender in self.candidates(peer, task, folder):
            try:
                contender.open(task, folder)
                off = difference(ours, contender.server().ask("check"))
            except ServerError as error:
                self.reason = str(error)
                continue
            if off <= AGREEMENT:
                self.progress.say(f"    {peer.title}: {1e3 * seconds:.3g} ms with "
                                  f"{contender.text()}; off by {off:.1e}")
                return contender, off
            self.reason = f"other results, off by {off:.1e}"
            self.progress.say(f"    {peer.title}, {contender.text()}: {self.reason}")
        return None, None

    def row(self, name, task, folder):
        self.ours.ask("export", task=task, folder=folder)
        self.ours.ask("open", task=task, folder=folder, setting={})
        check = self.ours.ask("check")
        turns = {"ours": lambda: self.ours.ask("time", seconds=self.args.seconds)["seconds"]}
        row = {"name": name, "task": task, "flops": flops(task), "check": check, "off": {},
               "settings": {}, "left out": {}}
        for peer in self.peers:
            if not peer.takes(task):
                row["left out"][peer.key] = f"{task['network']} is not written in it"
                continue
            best, off = self.fastest(peer, task, folder, check)
            if best is None:
                row["left out"][peer.key] = self.reason
                continue
            row["settings"][peer.key], row["off"][peer.key] = best.text(), off
            self.best.setdefault(name, {})[peer.key] = (best.environment, best.options)
            installed = Contender(peer, "", peer.installed(task))
            best.open(task, folder)
            installed.open(task, folder)
            for key, contender in ((peer.key, best), (peer.key + " installed", installed)):
                turns[key] = lambda contender=contender: contender.time(self.args.seconds)
        bound = self.products.takes(task) and self.candidates(self.products, task, folder)
        if bound:
            bound[0][1].open(task, folder)
            row["settings of the bound"] = bound[0][1].text()
            turns["products"] = lambda: bound[0][1].time(self.args.seconds / 2)
        turns["peak"] = lambda: self.limits.ask("peak", precision=task["precision"],
                                                seconds=0.05)["rate"]
        row["times"] = self.in_turns(turns)
        row["best"] = self.best.get(name, {})
        return row

    def in_turns(self, turns):
        """What each says in every round; who begins changes."""
        found = {key: [] for key in turns}
        keys = list(turns)
        for turn in range(self.args.rounds):
            for i in range(len(keys)):
                key = keys[(i + turn) % len(keys)]
                found[key].append(turns[key]())
        return found

    def go_on(self):
        """Takes over what args.json has of the same machine, revision and way of measuring."""
        with open(self.args.json) as file:
            before = json.load(file)
        same = ("schema", "processor", "cores", "revision", "quick", "rounds", "seconds", "peers")
        other = [key for key in same if before.get(key) != self.report[key]]
        if other:
            sys.exit(f"speed.py: {self.args.json} is of another {', '.join(other)}; without "
                     "--continue it is written anew")
        self.report = before
        for row in before["rows"]:
            self.best[row["name"]] = row["best"]

    def has(self, name):
        return any(row["name"] == name for row in self.report["rows"])

    def run(self, chosen):
        with tempfile.TemporaryDirectory(prefix="rectify-bench-") as folder:
            for name, task in chosen.items():
                if self.has(name):
                    continue
                self.progress.step(name)
                try:
                    row = self.row(name, task, folder)
                except ServerError as error:
                    self.progress.say(f"    left out: {error}")
                    continue
                self.report["rows"].append(row)
                median = {k: statistics.median(v) for k, v in row["times"].items()}
                self.progress.say("    " + ", ".join(
                    f"{k} {1e3 * v:.3g} ms" for k, v in median.items() if k != "peak"))
                self.save()

    def limits_of_machine(self):
        seconds = 0.05 if self.args.quick else 0.2
        self.report["bandwidth"] = self.limits.ask("bandwidth", seconds=seconds)
        self.report["cycles"] = self.limits.ask("cycles", seconds=seconds / 10)["operations"]
        for precision in ("fp32", "bf16"):
            self.report["peak " + precision] = self.limits.ask("peak", precision=precision,
                                                               seconds=seconds)

    def watching(self):
        """What the cheap counters cost: pairs of turns with them and without."""
        pairs = 5 if self.args.quick else 20
        self.report["watching"] = {}
        for batch in (32, 128):
            self.ours.ask("open", task=make_task(WIDE, batch, "sgd"), folder="", setting={})
            # A turn is 64 steps, of which one has the gradients' norms taken, as in an epoch.
            turn = 64 * self.ours.ask("time", seconds=self.args.seconds)["seconds"]
            found = []
            for pair in range(pairs):
                seconds = {}
                for on in ((True, False) if pair % 2 else (False, True)):
                    self.ours.ask("watch", on=on)
                    seconds[on] = self.ours.ask("time", seconds=turn)["seconds"]
                found.append(seconds[True] / seconds[False] - 1)
            self.report["watching"][str(batch)] = found
            self.progress.say(f"watching at batch {batch}: {100 * statistics.median(found):.2f} %")

    def whole_runs(self):
        if not os.path.isdir(self.args.mnist):
            self.progress.say(f"no MNIST in {self.args.mnist}: whole runs are left out")
            return
        try:
            self.report["whole runs"] = whole_runs.measure(
                self.args.build, self.args.mnist, self.peers,
                self.best.get("mlp-momentum-128", {}), min(5, self.args.rounds), self.progress.say)
        except RuntimeError as error:
            self.progress.say(f"whole runs are left out: {error}")

    def zeros(self):
        """Epochs of real runs, whose zeros are left out."""
        pythons = [peer.python for peer in self.peers if hasattr(peer, "python")]
        if not pythons or not os.path.isdir(self.args.mnist):
            self.progress.say("no PyTorch, or no MNIST: epochs with zeros are left out")
            return
        self.report["zeros"] = zeros.measure(
            os.path.join(self.args.build, "bench", "bench_start"), pythons[0], self.args.mnist,
            (128, 512, 32), self.args.rounds, lambda *run: zeros.seconds_an_epoch(*run, 2),
            say=self.progress.say)

    def save(self):
        os.makedirs(os.path.dirname(os.path.abspath(self.args.json)), exist_ok=True)
        with open(self.args.json, "w") as file:
            json.dump(self.report, file, indent=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--python", action="append", default=[],
                        help="an interpreter that has torch; may be given again")
    parser.add_argument("--rounds", type=int, help="turns (default 7, quick 3)")
    parser.add_argument("--seconds", type=float, help="of steps a turn (default 0.3, quick 0.15)")
    parser.add_argument("--precision", choices=["fp32", "bf16"],
                        help="only rows of that precision")
    parser.add_argument("--quick", action="store_true", help="fewer turns, settings and rows")
    parser.add_argument("--json", help="where all figures go (default out/bench.json, of a quick "
                        "run or of some rows out/bench-part.json)")
    parser.add_argument("--continue", action="store_true", dest="go_on",
                        help="keep what the file of figures has, and do what is missing")
    parser.add_argument("--mnist", default=os.path.join(ROOT, "..", "shared", "data", "mnist"),
                        help="the folder of MNIST's .gz files")
    parser.add_argument("--write", metavar="FILE", help="only write the document from such figures")
    parser.add_argument("--list", action="store_true", help="the names of the rows")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these, or these parts; * and ? are wild")
    args = parser.parse_args()
    if args.write:
        with open(args.write) as file:
            document(json.load(file), os.path.join(ROOT, "docs"))
        return
    known = workloads()
    if args.precision:
        known = {n: t for n, t in known.items() if t["precision"] == args.precision}
    if args.quick and not args.rows:
        known = {n: t for n, t in known.items() if n in QUICK}
    chosen = {name: task for name, task in known.items()
              if not args.rows or any(fnmatch.fnmatch(name, row) for row in args.rows)}
    parts = ("bandwidth", "watching", "whole runs", "zeros")
    if args.list or not (chosen or set(parts) & set(args.rows)):
        sys.exit("rows: " + " ".join(known) + "; parts: " + ", ".join(parts))
    args.rounds = args.rounds or (3 if args.quick else 7)
    args.seconds = args.seconds or (0.15 if args.quick else 0.3)
    args.search = 0.1 if args.quick else 0.15
    whole = not args.quick and not args.rows and not args.precision
    args.json = args.json or os.path.join(ROOT, "out", "bench.json" if whole else "bench-part.json")
    progress = Progress(len(chosen))
    progress.say("this takes about " + ("50 minutes" if whole else
                                        f"{len(chosen) * (0.3 if args.quick else 1.3):.0f} minutes")
                 + "; leave the machine alone")
    bench = Bench(args, progress)
    measures = {"bandwidth": bench.limits_of_machine, "watching": bench.watching,
                "whole runs": bench.whole_runs, "zeros": bench.zeros}
    try:
        if args.go_on and os.path.exists(args.json):
            bench.go_on()
        bench.run(chosen)
        for name, measure in measures.items():
            if (not args.rows or name in args.rows) and name not in bench.report:
                measure()
                bench.save()
    finally:
        bench.close()
    print(table(bench.report))
    if whole:
        document(bench.report, os.path.join(ROOT, "docs"))


if __name__ == "__main__":
    main()
