"""Does the first advice help? Trains each faulty program with it, its fixed version, and as many
programs whose flags a random search drew."""
import hashlib
import os
import random
import re
import statistics
import sys
import zlib

from faults.healthy import ACTIVATIONS, OPTIMISERS
from faults.runner import REFUSED

SEEDS = (1, 2, 3)
RATES = {"--lr": lambda chance: f"{10 ** chance.uniform(-4, 0):.2g}"}
CHOICES = {
    "--init": ["auto", "he_normal", "glorot_uniform", "lecun_normal", "orthogonal"],
    "--normalise": ["standard", "range", "none"],
    "--batch": ["16", "32", "64", "128", "256"],
    "--optimizer": OPTIMISERS,
}


def measure(runner, programs):
    """A row for each program that flags or another network can mend."""
    return runner.each(lambda program: row(runner, program), selected(programs), "advice")


def selected(programs):
    """The cases; of each planted fault one variant of each architecture."""
    found, places = [], {}
    for program in programs:
        if not program.mendable:
            continue
        stem, _, number = program.name.rpartition("-")
        if program.group == "planted":
            fault = stem.rsplit("-", 1)[0]
            kinds = places.setdefault(fault, [])
            if stem not in kinds:
                kinds.append(stem)
            if int(number) != 1 + kinds.index(stem) % 3:
                continue
        found.append(program)
    return found


def row(runner, program):
    record = runner.train(program)
    words, key = advised_words(runner, program, record)
    advised, fixed, drawn = [], [], []
    for seed in SEEDS:
        if words:
            seeded = words + ["--seed", str(seed)]
            advised.append(train(runner, "advised", program, seed, seeded, key))
        mended = program.fixed.but(flags={"--seed": str(seed)})
        fixed.append(train(runner, "mended", program, seed, mended.words(runner.place)))
        drawn.append(train(runner, "drawn", program, seed, draw(program, seed).words(runner.place)))
    good = [r["error"] for r in fixed if r["error"] is not None]
    mean, unit = statistics.mean(good), fixed[0]["unit"] or 1
    deviation = statistics.stdev(good) if len(good) > 1 else 0  # of those that did not break
    spread = max(2 * deviation, 0.1 * mean, 0.01 * unit)
    best = min(drawn, key=lambda r: number(r["validation"]))
    errors = [number(r["error"]) for r in advised]
    mended = statistics.mean(errors) if errors else float("inf")
    return {"name": program.name, "faulty": record["error"], "fixed": mean, "spread": spread,
            "advised": None if mended == float("inf") else mended, "search": best["error"],
            "within": mended <= mean + spread,
            "search_within": number(best["error"]) <= mean + spread, "change": key}


def train(runner, group, program, seed, words, key=""):
    folder = os.path.join(runner.place.out, "runs", group, f"{program.name}-seed{seed}")
    return runner.train_words(words, folder, key=key)


def number(error):
    return float("inf") if error is None else error


def advised_words(runner, program, record):
    """The flags of the first advice, None without one, and a text that changes with them."""
    folder = runner.folder(program)
    if record["rc"] != REFUSED:
        target = os.path.join(runner.place.out, "advice", program.name)
        os.makedirs(target, exist_ok=True)
        config = os.path.join(target, "config.toml")
        if os.path.exists(config):
            os.remove(config)
        done = runner.call(["diagnose", folder, "--apply", target, "--threads", "1"])
        if not os.path.exists(config):
            print(f"{program.name}: no advice to apply: {done['said'].strip()}", file=sys.stderr)
            return None, ""
        with open(config) as file:
            text = file.read()
        return ["--config", config], hashlib.sha256(text.encode()).hexdigest()
    findings = (runner.preflight(program)["answer"] or {}).get("findings", [])
    changes = {c["flag"]: c["value"] for c in findings[0]["changes"]} if findings else {}
    if not changes:
        return None, ""
    model = changes.pop("--model", program.model)
    return program.but(flags={**changes, "--seed": None}, model=model).words(runner.place), ""


def draw(program, seed):
    """The program with flags by chance, as a search for good ones would try them. Activations are
    exchanged, and those behind the last layer stay or go."""
    chance = random.Random(zlib.crc32(f"{program.name} {seed}".encode()))
    chosen = {flag: chance.choice(values) for flag, values in CHOICES.items()}
    chosen.update({flag: pick(chance) for flag, pick in RATES.items()})
    most = max(int(p.flags.get("--epochs", 20)) for p in (program, program.fixed))
    chosen["--epochs"] = str(chance.randint(max(1, most // 3), most))
    head, last = program.model.rsplit("dense ", 1)
    names = "|".join(sorted(ACTIVATIONS, key=len, reverse=True))
    activation = chance.choice(["relu", "leaky_relu", "elu", "tanh", "gelu"])
    head = re.sub(rf"\b({names})\b", activation, head)
    if chance.random() < 0.5:
        last = last.split("|")[0].strip()
    return program.but(flags=chosen, model=head + "dense " + last)


def trainings(rows):
    return len(rows) * len(SEEDS)
