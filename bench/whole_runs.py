"""Runs of whole programs, for bench/speed.py: from their start to the first step of training, the
most memory they take, and MNIST to 1.5 % test error. The recipe is that of `rectify train`; a
peer gets its best settings for the same network and batch."""
import json
import os
import statistics
import subprocess
import time

from report import HERE
from server import clean_environment

MODEL = "784 : dense 1000 | relu | dense 1000 | relu | dense 1000 | relu | dense 10"
ENOUGH = 1.5  # percent of the test split


class Program:
    """Something that prints what bench/start.cpp does."""

    def __init__(self, key, command, environment):
        self.key, self.command, self.environment = key, command, environment

    def run(self, steps, enough=None, last=()):
        """The lines, each with the seconds since the process was started as "since"."""
        words = self.command + [str(steps), str(enough or 0), *last]
        begin = time.perf_counter()
        lines = []
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**clean_environment(), **self.environment}) as process:
            for line in process.stdout:
                lines.append({**json.loads(line), "since": time.perf_counter() - begin})
        if process.returncode:
            raise RuntimeError(f"{self.key} ended with {process.returncode}")
        return lines


def programs(build, mnist, peers, settings):
    """Ours and every PyTorch; `settings`: by peer, the environment and options of the row
    mlp-momentum-128."""
    found = [Program("ours", [os.path.join(build, "bench", "bench_start"), "mnist:" + mnist, MODEL],
                     {})]
    for peer in peers:
        if not hasattr(peer, "python"):
            continue
        environment, _ = settings.get(peer.key, ("", {}))
        found.append(Program(peer.key, [peer.python, os.path.join(HERE, "against",
                                                                  "pytorch_start.py"), mnist],
                             peer.environments[environment]))
    return found


def measure(build, mnist, peers, settings, rounds, say):
    """Figures by program."""
    everyone = programs(build, mnist, peers, settings)
    found = {program.key: {"first step": []} for program in everyone}
    for _ in range(rounds):
        for program in everyone:
            first = next(line for line in program.run(1) if "first step" in line)
            found[program.key]["first step"].append(first["since"])
    say("first step: " + ", ".join(f"{key} {statistics.median(f['first step']):.2f} s"
                                   for key, f in found.items()))
    for program in everyone:
        _, options = settings.get(program.key, ("", {}))
        how = options.get("sgd", "default")
        lines = program.run(0, ENOUGH, () if how == "default" or program.key == "ours" else (how,))
        epochs = [line for line in lines if "epoch" in line]
        found[program.key].update({"most memory": lines[-1]["most memory"], "epochs": epochs,
                                   "enough": 100 * epochs[-1]["test error"] <= ENOUGH})
        say(f"{program.key}: {100 * epochs[-1]['test error']:.2f} % after {len(epochs)} epochs, "
            f"{epochs[-1]['training seconds']:.1f} s of training steps, "
            f"{epochs[-1]['since']:.1f} s in all; {lines[-1]['most memory'] / 2**20:.0f} MiB")
    return found
