"""Small tables with nobody's tuning: `rectify train` with its defaults beside scikit-learn's default
MLPClassifier and MLPRegressor, on the same splits.

    python3 -m pip install scikit-learn
    python3 bench/tables.py                  # twelve data sets, 10 seeds
    python3 bench/tables.py --seeds 3 wine diabetes

Each seed splits a data set anew (a fifth for testing, of classes the same share) and is the seed of
both. Printed are mean and standard deviation of the test error over the seeds: the share of wrong
classes in %, or the root of the mean squared error. Both get the same raw columns; what either does
to them is part of its defaults. "said" counts the runs in which the program remarked on its network.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy
from sklearn import datasets, model_selection, neural_network


def friedman(make, seed, **options):
    return make(n_samples=500, noise=1.0, random_state=seed, **options)


# name: task, and a function of a seed that gives samples and targets. What the package ships does not
# depend on the seed; what it makes does.
SETS = {
    "iris": ("classes", lambda s: datasets.load_iris(return_X_y=True)),
    "wine": ("classes", lambda s: datasets.load_wine(return_X_y=True)),
    "breast_cancer": ("classes", lambda s: datasets.load_breast_cancer(return_X_y=True)),
    "digits": ("classes", lambda s: datasets.load_digits(return_X_y=True)),
    "moons": ("classes", lambda s: datasets.make_moons(500, noise=0.2, random_state=s)),
    "circles": ("classes", lambda s: datasets.make_circles(500, noise=0.1, factor=0.5, random_state=s)),
    "classification": ("classes", lambda s: datasets.make_classification(1000, random_state=s)),
    "diabetes": ("numbers", lambda s: datasets.load_diabetes(return_X_y=True)),
    "linnerud": ("numbers", lambda s: datasets.load_linnerud(return_X_y=True)),
    "friedman1": ("numbers", lambda s: friedman(datasets.make_friedman1, s)),
    "friedman2": ("numbers", lambda s: friedman(datasets.make_friedman2, s)),
    "friedman3": ("numbers", lambda s: friedman(datasets.make_friedman3, s)),
}


def splits(name, seed):
    task, make = SETS[name]
    x, y = make(seed)
    return task, model_selection.train_test_split(
        x, y, test_size=0.2, random_state=seed, stratify=y if task == "classes" else None)


def write_table(path, x, y):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"x{i}" for i in range(x.shape[1])] + ["target"])
        for row, target in zip(x, y):
            writer.writerow([repr(float(v)) for v in row] + [target])


def spec_of(folder, data):
    """A SPEC of both splits: of tables, or of arrays where a target has several numbers."""
    x, x_test, y, y_test = data
    if y.ndim > 1:
        numpy.savez(f"{folder}/data.npz", x_train=x, y_train=y.astype("f8"), x_test=x_test,
                    y_test=y_test.astype("f8"))
        return f"npz:{folder}/data.npz"
    write_table(f"{folder}/train.csv", x, y)
    write_table(f"{folder}/test.csv", x_test, y_test)
    return f"csv:{folder}/train.csv:target,test={folder}/test.csv"


def error_of(task, answers, y):
    if task == "classes":
        return 100 * numpy.mean(answers != y)
    return numpy.sqrt(numpy.mean((answers - y) ** 2))


def ours(program, task, data, seed, flags):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "train", "--data", spec_of(folder, data), "--seed", str(seed), "--out",
                   f"{folder}/run", "--json"] + flags
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")
        error = json.loads(done.stdout)["test_error"]
        said = [line for line in done.stderr.splitlines() if "warning:" in line]
        return 100 * error if task == "classes" else error, said


def peer(task, data, seed):
    x, x_test, y, y_test = data
    kind = neural_network.MLPClassifier if task == "classes" else neural_network.MLPRegressor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 200 epochs were not enough
        return error_of(task, kind(random_state=seed).fit(x, y).predict(x_test), y_test)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("sets", nargs="*", help="data sets; all twelve without")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--rectify", default="build/bin/rectify")
    parser.add_argument("--flags", default="", help="more flags of rectify train")
    args = parser.parse_args()
    names, better = args.sets or list(SETS), 0
    print(f"{'data':<15}{'rows':>6}  {'error':<7}{'rectify':>18}{'scikit-learn':>18}  said")
    for name in names:
        task = SETS[name][0]
        mine, theirs, said, rows = [], [], 0, 0
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            data = splits(name, seed)[1]
            rows = len(data[0]) + len(data[1])
            error, remarks = ours(args.rectify, task, data, seed, args.flags.split())
            mine.append(error)
            said += bool(remarks)
            theirs.append(peer(task, data, seed))
        better += numpy.mean(mine) < numpy.mean(theirs)
        cell = lambda e: f"{numpy.mean(e):.4g} +- {numpy.std(e, ddof=1) if len(e) > 1 else 0:.2g}"
        print(f"{name:<15}{rows:>6}  {'wrong %' if task == 'classes' else 'rmse':<7}"
              f"{cell(mine):>18}{cell(theirs):>18}  {said}", flush=True)
    print(f"lower mean error on {better} of {len(names)}")


if __name__ == "__main__":
    main()
