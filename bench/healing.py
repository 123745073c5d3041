"""Kills units of trained networks, and trains on with and without `rectify heal`.

    python3 bench/healing.py [--program build/bin/rectify] [--seeds 5] [--epochs 8] [--lr 0.02]
                             [--share 0.4] [--folder DIR] [--only training|removal]

Run it from the root of the checkout, beside which MNIST lies.

Of each network and seed: it is trained (`healthy`), in every hidden layer a drawn share of the units
gets the bias -1000, so that they never fire (`killed`), and everything is trained on with the same
command, as many epochs again. Prints a table in Markdown: the test error in percent, mean and
standard deviation over the seeds, the difference to the healthy network trained on, with each seed
beside itself, and the share of units that are dead in the end. A second table says what `--mend remove`
takes out of killed networks for inputs between 0 and 255, without and with --rounding. Needs nothing
but Python.
"""

import argparse
import json
import pathlib
import random
import statistics
import struct
import subprocess
import tempfile

MNIST = "mnist:../shared/data/mnist"
GLYPHS = "glyphs:train=10000,test=5000"
NETWORKS = {
    "narrow": (MNIST, "784 : dense 16 | relu | dense 16 | relu | dense 10"),
    "narrow, images": (
        GLYPHS,
        "28x28x1 : conv 4 3x3 stride=2 | relu | conv 8 3x3 stride=2 | relu | flatten | dense 10",
    ),
    "wide": (MNIST, "784 : dense 256 | relu | dense 256 | relu | dense 10"),
}
# How the killed weights are mended before training goes on; None: not at all.
ARMS = {
    "killed, trained on": None,
    "revive, trained on": "revive",
    "prelu, trained on": "prelu",
    "revive and prelu, trained on": "revive,prelu",
}
REMOVED_FROM = {
    **NETWORKS,
    "a layer of 1000": (MNIST, "784 : dense 1000 | relu | dense 10"),
}
BIAS = -1000.0


def read_tensors(path):
    """The header of a safetensors file, and its bytes."""
    content = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), bytearray(content[8 + length :]), content[: 8 + length]


def kill(path, out, share, seed):
    """Copies weights with the bias of a share of the units of each hidden layer at BIAS."""
    header, numbers, head = read_tensors(path)
    biases = sorted(label for label in header if label.endswith(".bias"))
    draw = random.Random(seed)
    last = max((label for label in biases if label.startswith("dense")), default=None)
    for label in biases:
        if label == last:
            continue
        (units,), (first, _) = header[label]["shape"], header[label]["data_offsets"]
        for unit in draw.sample(range(units), round(share * units)):
            struct.pack_into("<f", numbers, first + 4 * unit, BIAS)
    pathlib.Path(out).write_bytes(head + bytes(numbers))


class Bench:
    def __init__(self, arguments, folder):
        self.of, self.folder = arguments, pathlib.Path(folder)

    def run(self, *words):
        command = [self.of.program, *map(str, words), "--json", "--quiet", "--threads", "1"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def measure(self, data, weights):
        """Test error in percent, and the share of units that are dead."""
        result = self.run("eval", weights, "--data", data)
        units = sum(layer["channels"] for layer in result["layers"])
        dead = sum(layer["dead_channels"] * layer["channels"] for layer in result["layers"])
        return 100 * result["error"], 100 * dead / units

    def train_on(self, name, healthy, weights, data, text):
        out = self.folder / name
        self.run("train", "--config", healthy / "config.toml", "--model", text, "--weights", weights,
                 "--out", out)
        return self.measure(data, out / "best.safetensors")

    def seed(self, data, text, seed, name):
        """The figures of all arms of one network and seed."""
        at = lambda what: self.folder / f"{name}-{seed}-{what}".replace(" ", "-").replace(",", "")
        healthy, killed = at("healthy"), at("killed.safetensors")
        self.run("train", "--data", data, "--model", text, "--epochs", self.of.epochs,
                 "--lr", self.of.lr, "--seed", seed, "--out", healthy)
        best = healthy / "best.safetensors"
        kill(best, killed, self.of.share, seed)
        rows = {
            "healthy": self.measure(data, best),
            "healthy, trained on": self.train_on(at("on").name, healthy, best, data, text),
            "killed": self.measure(data, killed),
        }
        for arm, mends in ARMS.items():
            weights, network = killed, text
            if mends:
                weights = at(arm + ".safetensors")
                network = self.run("heal", killed, "--data", data, "--mend", mends, "--out",
                                   weights)["model"]
            rows[arm] = self.train_on(at(arm + " run").name, healthy, weights, data, network)
        return rows


    def removals(self, name, data, text):
        """Prints what is removed from one killed network."""
        at = lambda what: self.folder / f"{name}-removal-{what}".replace(" ", "-").replace(",", "")
        self.run("train", "--data", data, "--model", text, "--epochs", 1, "--lr", self.of.lr,
                 "--out", at("healthy"))
        kill(at("healthy") / "best.safetensors", at("killed.safetensors"), self.of.share, 1)
        for flags in [], ["--rounding"]:
            done = self.run("heal", at("killed.safetensors"), "--data", data, "--mend",
                            "remove", "--bounds", "0,255", "--force", "--out",
                            at("less.safetensors"), *flags)
            said = [f"{of['label']}: {of['said']}" for of in done["mends"][0]["layers"]]
            answers = done["test_answers"]
            print(
                f"| {name} | {' '.join(flags)} | {'; '.join(said)} "
                f"| {done['before']['parameters']:,} | {done['after']['parameters']:,} "
                f"| {answers['changed']:,} of {answers['samples']:,} | {answers['largest']:.2g} |",
                flush=True,
            )


def spread(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def print_rows(name, seeds):
    reference = [rows["healthy, trained on"][0] for rows in seeds]
    for arm in seeds[0]:
        errors, dead = zip(*(rows[arm] for rows in seeds))
        apart = [a - b for a, b in zip(errors, reference)]
        print(
            f"| {name} | {arm} | {statistics.mean(errors):.2f} ± {spread(errors):.2f} "
            f"| {statistics.mean(apart):+.2f} ± {spread(apart):.2f} "
            f"| {statistics.mean(dead):.0f} |",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/bin/rectify")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--share", type=float, default=0.4)
    parser.add_argument("--folder", help="where runs stay; without it they are deleted")
    parser.add_argument("--only", choices=["training", "removal"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(arguments, arguments.folder or temporary)
        if arguments.only != "removal":
            print("| network | what | test error % | to healthy, trained on | dead units % |")
            print("|---|---|---|---|---|")
            for name, network in NETWORKS.items():
                seeds = range(1, arguments.seeds + 1)
                print_rows(name, [bench.seed(*network, seed, name) for seed in seeds])
        if arguments.only != "training":
            print("\n| network | flags | what | parameters before | after "
                  "| test answers of which a bit changed | largest difference |")
            print("|---|---|---|---|---|---|---|")
            for name, network in REMOVED_FROM.items():
                bench.removals(name, *network)


if __name__ == "__main__":
    main()
