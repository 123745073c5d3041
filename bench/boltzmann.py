"""How fast a restricted Boltzmann machine learns: Rectify beside scikit-learn and beside the
machine's multiply-add peak, all in turns of one run.

    python3 bench/boltzmann.py --build build --data mnist:DIR --python PYTHON [--rounds 7]

PYTHON is one with scikit-learn; its threads and its element are searched first. Prints one table."""
import argparse
import gzip
import os
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLING = ("unit_sample", "unit_mean")


def raw_images(folder):
    for name in ("train-images-idx3-ubyte", "train-images.idx3-ubyte"):
        for ending, opened in (("", open), (".gz", gzip.open)):
            path = os.path.join(folder, name + ending)
            if os.path.exists(path):
                with opened(path, "rb") as file:
                    return file.read()[16:]
    raise SystemExit(f"no images of MNIST in {folder}")


def best_peer(python, file, size):
    """scikit-learn at its best: the setting whose epoch is the shortest."""
    found = {}
    for threads in ("1", "2", str(os.cpu_count())):
        for element in ("float32", "float64"):
            name = f"{element}, {threads} threads"
            if name in found:
                continue
            environment = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
            server = Server([python, os.path.join(HERE, "against", "scikit_boltzmann.py")],
                            environment)
            server.ask("open", file=file, inputs=784, element=element, **size)
            server.ask("epoch")
            found[name] = (min(server.ask("epoch")["seconds"] for _ in range(2)), server)
    best = min(found, key=lambda name: found[name][0])
    for name, (_, server) in found.items():
        if name != best:
            server.close()
    return best, found[best][1]


def quartiles(values):
    values = sorted(values)
    return values[len(values) // 4], statistics.median(values), values[3 * len(values) // 4]


def sampling_share(bench, data, layer, size):
    server = Server([os.path.join(bench, "bench_boltzmann")])
    server.ask("open", data=data, layer=layer, batch=size["batch"], samples=size["samples"],
               profile=True)
    for _ in range(3):
        server.ask("epoch")
    seconds = server.ask("profile")
    server.close()
    total = sum(seconds.values())
    return sum(seconds.get(op, 0) for op in SAMPLING) / total, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--data", required=True)
    parser.add_argument("--python", default="python3")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--samples", type=int, default=12800)
    asked = parser.parse_args()
    bench = os.path.join(asked.build, "bench")
    size = {"units": asked.units, "batch": asked.batch, "samples": asked.samples}
    with tempfile.NamedTemporaryFile(suffix=".u8") as file:
        file.write(raw_images(asked.data.split(":", 1)[1]))
        file.flush()
        setting, peer = best_peer(asked.python, file.name, size)
        limits = Server([os.path.join(bench, "bench_limits")])
        layers = {"cd": f"rbm {asked.units}", "pcd": f"rbm {asked.units} method=pcd"}
        ours = {name: Server([os.path.join(bench, "bench_boltzmann")]) for name in layers}
        for name, layer in layers.items():
            ours[name].ask("open", data=asked.data, layer=layer, batch=asked.batch,
                           samples=asked.samples)
        rows = {name: {"ratio": [], "share": [], "ms": []} for name in layers}
        for _ in range(asked.rounds):
            theirs = peer.ask("epoch")["seconds"]
            peak = limits.ask("peak", precision="fp32", seconds=0.5)["rate"]
            for name in layers:
                epoch = ours[name].ask("epoch")
                rows[name]["ratio"].append(theirs / epoch["seconds"])
                rows[name]["share"].append(epoch["flops"] / epoch["seconds"] / peak)
                rows[name]["ms"].append(1000 * epoch["seconds"] / epoch["steps"])
        for server in [peer, limits, *ours.values()]:
            server.close()
    print(f"784 x {asked.units}, batch {asked.batch}, {asked.samples} samples an epoch, "
          f"{asked.rounds} rounds; scikit-learn: {setting}")
    print(f"{'':4} {'ms a step':>10} {'x scikit-learn':>22} {'of the peak':>20} {'sampling':>9}")
    for name, layer in layers.items():
        share, seconds = sampling_share(bench, asked.data, layer, size)
        q, ms = {k: quartiles(rows[name][k]) for k in rows[name]}, rows[name]["ms"]
        print(f"{name:4} {statistics.median(ms):10.2f} "
              f"{q['ratio'][1]:8.2f} ({q['ratio'][0]:.2f} to {q['ratio'][2]:.2f})"
              f"{q['share'][1]:8.0%} ({q['share'][0]:.0%} to {q['share'][2]:.0%}) {share:8.0%}")
        parts = sorted(seconds.items(), key=lambda item: -item[1])
        print("     " + ", ".join(f"{op} {s / sum(seconds.values()):.0%}" for op, s in parts[:8]))


if __name__ == "__main__":
    main()
