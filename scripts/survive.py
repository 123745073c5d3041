#!/usr/bin/env python3
"""Kills training runs at random moments and fills their disk, and checks that nothing is lost.

  scripts/survive.py [--program build/bin/rectify] [--kills 100] [--full-disks 20] [--seconds 20]

A run of about --seconds is done once without disturbance. Then, --kills times, on 1 and on 2 threads
in turn, the same run is killed (SIGKILL) at a random moment and resumed, and must end in the same
bytes. --full-disks times a limit on the size of its files (RLIMIT_FSIZE), set at a random moment,
stops it from writing any more: it must say so in one line, keep the last checkpoint, and resume to
the same bytes. --compare does the same with comparisons. Ends with 1 if anything differed.
"""
import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VERBS = {
    "train": (["train", "--data", "glyphs:train=6000,test=1000", "--hidden", "200,200",
               "--batch", "64", "--lr", "0.05"],
              ["model.safetensors", "best.safetensors", "state.safetensors"]),
    "compare": (["compare", "--data", "glyphs:train=2000,test=500", "--activations", "relu,gelu",
                 "--hidden", "64,64", "--seeds", "2", "--batch", "64", "--lr", "0.05"],
                ["compare.json"]),
}


class Trial:
    """One kind of run, in folders below `root`."""

    def __init__(self, program, verb, epochs, root):
        self.program, self.root = program, root
        self.words, self.files = VERBS[verb]
        self.words = self.words + ["--epochs", str(epochs), "--quiet"]

    def start(self, folder, threads):
        return self.popen(self.words + ["--out", folder], threads)

    def resume(self, folder, threads):
        return self.popen(["resume", folder, "--quiet"], threads)

    def popen(self, words, threads):
        return subprocess.Popen([self.program, *words, "--threads", str(threads)], cwd=self.root,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def finish(self, process):
        """What it said; an error when it failed."""
        text = process.communicate()[1]
        return (process.returncode, text.strip())

    def bytes_of(self, folder):
        content = {}
        for name in self.files:
            with open(os.path.join(self.root, folder, name), "rb") as file:
                content[name] = file.read()
        return content

    def has_checkpoint(self, folder):
        marks = ("state.safetensors", os.path.join("runs", "setting.json"))
        return any(os.path.exists(os.path.join(self.root, folder, mark)) for mark in marks)

    def go_on(self, folder, threads):
        """Resumes, or starts again where the run had not saved anything yet."""
        if self.has_checkpoint(folder):
            return self.finish(self.resume(folder, threads))
        shutil.rmtree(os.path.join(self.root, folder), ignore_errors=True)
        return self.finish(self.start(folder, threads))


def wait(process, seconds):
    """Whether it was still running after that time."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        return True


def killed(trial, folder, threads, seconds):
    process = trial.start(folder, threads)
    running = wait(process, random.uniform(0, seconds))
    process.send_signal(signal.SIGKILL)
    trial.finish(process)
    return running, ""


def starved(trial, folder, threads, seconds):
    """The limit is below what any checkpoint needs, so the next write of one fails."""
    process = trial.start(folder, threads)
    running = wait(process, random.uniform(0, seconds))
    if running:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    code, text = trial.finish(process)
    lines = [line for line in text.splitlines() if line.startswith("rectify: error: ")]
    if running and code != 0 and (code < 0 or len(lines) != 1):
        return running, f"ended with {code} and said: {text}"
    return running, ""


def repeat(trial, disturb, times, seconds, expected, name):
    """Disturbs a run `times` times while it is running; the number of failures."""
    failures = done = 0
    begin = time.monotonic()
    while done < times:
        threads = 1 + done % 2
        shutil.rmtree(os.path.join(trial.root, "run"), ignore_errors=True)
        running, trouble = disturb(trial, "run", threads, seconds)
        if not running:
            continue  # it had ended by then, which proves nothing
        saved = trial.has_checkpoint("run")
        code, text = trial.go_on("run", threads)
        if code != 0:
            trouble = trouble or f"could not go on: {text}"
        elif trial.bytes_of("run") != expected:
            trouble = trouble or "ended in other bytes"
        done += 1
        failures += bool(trouble)
        left = (time.monotonic() - begin) / done * (times - done)
        print(f"{name} {done} of {times}, {threads} thread{'s' * (threads - 1)}, "
              f"{'resumed' if saved else 'started again'}: {trouble or 'the same bytes'}"
              f"  ({left / 60:.0f} min left)", flush=True)
    print(f"{name}: {times - failures} of {times} ended in the same bytes", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "bin", "rectify"))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--full-disks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    program, verb = os.path.abspath(args.program), "compare" if args.compare else "train"

    with tempfile.TemporaryDirectory() as root:
        epochs = 4
        while True:  # until a run is as long as asked
            trial = Trial(program, verb, epochs, root)
            shutil.rmtree(os.path.join(root, "whole"), ignore_errors=True)
            begin = time.monotonic()
            code, text = trial.finish(trial.start("whole", 1))
            seconds = time.monotonic() - begin
            if code != 0:
                sys.exit(f"the run failed: {text}")
            if seconds > 0.8 * args.seconds:
                break
            epochs = int(epochs * min(8, args.seconds / seconds)) + 1
        print(f"an undisturbed run of {epochs} epochs takes {seconds:.1f} s", flush=True)
        expected = trial.bytes_of("whole")
        failures = repeat(trial, killed, args.kills, seconds, expected, "kill")
        failures += repeat(trial, starved, args.full_disks, seconds, expected, "full disk")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
