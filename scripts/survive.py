#!/usr/bin/env python3
"""Kills runs at random moments and fills their disk, and checks that nothing is lost.

  scripts/survive.py [--program build/bin/rectify] [--verb train|search|compare] [--kills 100]
                     [--kills-a-run 5] [--full-disks 20] [--seconds 20] [--threads 1,2] [--seed 1]

A run of about --seconds is done once without disturbance. Then the same run is done again and again,
on each number of --threads in turn. Each time it is killed (SIGKILL) at --kills-a-run random moments
and resumed after each, until --kills processes were killed while they ran; each run must end in the
same bytes as the undisturbed one. After that, --full-disks times, a limit on the size of its files
(RLIMIT_FSIZE) of a random number of bytes, set at a random moment, stops it from writing any more:
it must say so in one line, hold a checkpoint as late as the last one before, and go on to the same
bytes without the limit. Times and dates are no part of the bytes. Ends with 1 if anything differed.

`train` trains at a given rate, `search` searches the rate first, `compare` compares. A run that was
stopped before it saved anything is started again by the same command, as the program says.
"""
import argparse
import json
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TRAIN = ["train", "--data", "glyphs:train=6000,test=1000", "--hidden", "200,200", "--batch", "64"]
WORDS = {
    "train": TRAIN + ["--lr", "0.05"],
    "search": TRAIN + ["--lr", "auto"],
    "compare": ["compare", "--data", "glyphs:train=2000,test=500", "--activations", "relu,gelu",
                "--hidden", "64,64", "--seeds", "3", "--batch", "64"],
}
RESUMED = ("state.safetensors", "search.json", "compare.json")
CLOCK = {"seconds", "seconds_per_epoch", "samples_per_second", "date", "threads"}


def without_clock(value):
    if isinstance(value, dict):
        return {k: without_clock(v) for k, v in value.items() if k not in CLOCK}
    return [without_clock(v) for v in value] if isinstance(value, list) else value


def content(path):
    """A file's bytes; for JSON, without what the clock says."""
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".json"):
        return without_clock(json.loads(data))
    if path.endswith(".jsonl"):
        return [without_clock(json.loads(line)) for line in data.splitlines()]
    return data


def contents(folder):
    """What a finished run left. The report's page holds the times too and is left out."""
    return {os.path.relpath(os.path.join(at, name), folder): content(os.path.join(at, name))
            for at, _, names in os.walk(folder) for name in names if name != "report.html"}


def progress_of(folder):
    """How far the last checkpoint is: finished epochs of a training run, and finished pieces of
    others. Reading it fails where a file is not whole."""
    try:
        with open(os.path.join(folder, "state.safetensors"), "rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            return 1000 + int(json.loads(file.read(size))["__metadata__"]["epoch"])
    except FileNotFoundError:
        runs = os.path.join(folder, "runs")
        names = os.listdir(runs) if os.path.isdir(runs) else []
        pieces = [name for name in names if name.endswith(".json")]
        for name in pieces:
            content(os.path.join(runs, name))
        return len(pieces)


class Run:
    """One kind of run, in folders below `root`."""

    def __init__(self, program, verb, epochs, root):
        self.program, self.root = program, root
        self.words = WORDS[verb] + ["--epochs", str(epochs), "--quiet"]

    def path(self, folder):
        return os.path.join(self.root, folder)

    def remove(self, folder):
        shutil.rmtree(self.path(folder), ignore_errors=True)

    def go_on(self, folder, threads):
        """Resumes, or starts where nothing is saved yet."""
        saved = any(os.path.exists(os.path.join(self.path(folder), name)) for name in RESUMED)
        words = ["resume", folder, "--quiet"] if saved else self.words + ["--out", folder]
        return subprocess.Popen([self.program, *words, "--threads", str(threads)], cwd=self.root,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def finish(self, folder, threads):
        """To the end, undisturbed."""
        process = self.go_on(folder, threads)
        text = process.communicate()[1].strip()
        if process.returncode != 0:
            raise RuntimeError(f"could not go on ({process.returncode}): {text}")


def ended_within(process, seconds):
    try:
        process.wait(max(0, seconds))
        return True
    except subprocess.TimeoutExpired:
        return False


def kill(run, folder, threads, seconds, times):
    """Kills it `times` times over its length; how many of them met it running."""
    moments = sorted(random.uniform(0, seconds) for _ in range(times))
    killed, worked = 0, 0.0
    for moment in moments:
        process = run.go_on(folder, threads)
        if ended_within(process, moment - worked):
            text = process.stderr.read().strip()
            if process.returncode != 0:
                raise RuntimeError(f"could not go on ({process.returncode}): {text}")
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed, worked = killed + 1, moment
    return killed


def starve(run, folder, threads, seconds):
    """1 if a write failed, 0 if the run ended before there was one to fail."""
    process = run.go_on(folder, threads)
    if ended_within(process, random.uniform(0, 0.95 * seconds)):
        return 0
    before = progress_of(run.path(folder))
    limit = random.choice([0, random.randrange(2000), random.randrange(100000)])
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    text = process.communicate()[1].strip()
    if process.returncode == 0:
        return 0
    if process.returncode != 1 or len(text.splitlines()) != 1 or "rectify: error: " not in text:
        raise RuntimeError(f"ended with {process.returncode} and said: {text}")
    if progress_of(run.path(folder)) < before:
        raise RuntimeError("lost a checkpoint")
    return 1


def repeat(name, wanted, run, threads, expected, disturb):
    """Disturbs run after run until `wanted` disturbances met one; the number of bad runs."""
    bad = done = runs = 0
    begin = time.monotonic()
    while done < wanted:
        count = threads[runs % len(threads)]
        run.remove("run")
        trouble = met = None
        try:
            met = disturb(count, wanted - done)
            run.finish("run", count)
            left = contents(run.path("run"))
            if left != expected:
                names = [n for n in left.keys() | expected.keys() if left.get(n) != expected.get(n)]
                trouble = "ended in other bytes: " + ", ".join(sorted(names))
        except (RuntimeError, ValueError, OSError) as error:
            trouble = str(error)
        runs, done, bad = runs + 1, done + (met or 0) + (met is None), bad + bool(trouble)
        rest = (time.monotonic() - begin) / max(1, done) * (wanted - done) / 60
        print(f"{name} {done} of {wanted}, threads {count}: {trouble or 'the same bytes'}"
              f"  ({max(0, rest):.0f} min left)", flush=True)
    print(f"{name}: {done} in {runs} runs, {runs - bad} of which ended in the same bytes", flush=True)
    return bad


def undisturbed(program, verb, seconds, root):
    """A run that takes about that long, done once in `root`/whole, and what it took."""
    epochs = 4
    while True:
        run = Run(program, verb, epochs, root)
        run.remove("whole")
        begin = time.monotonic()
        run.finish("whole", 1)
        took = time.monotonic() - begin
        if took > 0.8 * seconds:
            print(f"{verb}: an undisturbed run of {epochs} epochs takes {took:.1f} s", flush=True)
            return run, took
        epochs = int(epochs * min(8, seconds / took)) + 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "rectify"))
    parser.add_argument("--verb", choices=sorted(WORDS), default="train")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--kills-a-run", type=int, default=5)
    parser.add_argument("--full-disks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    threads = [int(count) for count in args.threads.split(",")]

    with tempfile.TemporaryDirectory() as root:
        run, seconds = undisturbed(os.path.abspath(args.program), args.verb, args.seconds, root)
        expected = contents(run.path("whole"))

        def kill_it(count, left):
            return kill(run, "run", count, seconds, min(args.kills_a_run, left))

        def starve_it(count, _):
            return starve(run, "run", count, seconds)

        bad = repeat("kill", args.kills, run, threads, expected, kill_it)
        bad += repeat("full disk", args.full_disks, run, threads, expected, starve_it)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
