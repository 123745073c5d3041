"""Runs `rectify train`, `diagnose` and `preflight`. Runs are kept: one whose command is the same as
before is not trained again."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import time

from faults.files import read_safetensors, write_safetensors


# Exit codes of `train`.
DONE, REFUSED, NOT_FINITE = 0, 1, 3


class Runner:
    def __init__(self, rectify, place, jobs):
        self.rectify, self.place, self.jobs = os.path.abspath(rectify), place, jobs

    def call(self, words):
        """What a verb answers: exit code, the JSON document or None, stderr, seconds."""
        begin = time.perf_counter()
        done = subprocess.run(["nice", "-n", "10", self.rectify, *words], capture_output=True,
                              text=True)
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        return {"rc": done.returncode, "answer": answer, "said": done.stderr,
                "seconds": round(time.perf_counter() - begin, 3)}

    def folder(self, program):
        return os.path.join(self.place.out, "runs", program.group, program.name)

    def train(self, program):
        """The record of a program's training; its folder holds the run."""
        folder = self.folder(program)
        return self.train_words(program.words(self.place), folder, program.edit)

    def train_words(self, words, folder, edit=None, key=""):
        """`key`: what else the run depends on."""
        record_file = folder + ".json"
        key = [*words, edit.__name__ if edit else key]
        if os.path.exists(record_file):
            with open(record_file) as file:
                record = json.load(file)
            if record["words"] == key:
                return record
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        done = self.call(["train", *words, "--out", folder, "--threads", "1", "--json", "--quiet"])
        if done["rc"] not in (DONE, REFUSED, NOT_FINITE):
            raise RuntimeError(f"{folder}: train ended with {done['rc']}: {done['said']}")
        if edit and done["rc"] == DONE:
            edit_model(folder, edit)
        record = {"words": key, "rc": done["rc"], "said": done["said"], "seconds": done["seconds"],
                  **figures(done["answer"])}
        with open(record_file, "w") as file:
            json.dump(record, file, indent=1)
        return record

    def findings(self, program, record):
        """What `diagnose` finds in the run; where training was refused, what `preflight` finds."""
        folder = self.folder(program)
        if record["rc"] == REFUSED:
            return self.preflight(program)
        if program.edit:  # the weights are not those that the run's history is of
            data = program.words(self.place)[1]
            words = [os.path.join(folder, "best.safetensors"), "--data", data]
        else:
            words = [folder]
        return {"by": "diagnose", **self.call(["diagnose", *words, "--json", "--threads", "1"])}

    def preflight(self, program):
        words = program.words(self.place)
        return {"by": "preflight", **self.call(["preflight", *words, "--json", "--threads", "1"])}

    def each(self, work, items, what):
        """work(item) of all items, as many at once as there are jobs, in the items' order."""
        begin, results = time.perf_counter(), {}
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            waiting = {pool.submit(work, item): i for i, item in enumerate(items)}
            for done in concurrent.futures.as_completed(waiting):
                results[waiting[done]] = done.result()
                so_far = time.perf_counter() - begin
                left = so_far / len(results) * (len(items) - len(results))
                print(f"{what}: {len(results)} of {len(items)}, {so_far:.0f} s, "
                      f"about {left:.0f} s left", file=sys.stderr, flush=True)
        return [results[i] for i in range(len(items))]


def figures(answer):
    """Errors of a finished training; None where there are none. `last` is that of validation after
    the last epoch. `unit` is what a point is of: 1 for shares of classes, for numbers the error of
    guessing."""
    if not answer or answer.get("test_error") is None:
        return {"error": None, "baseline": None, "validation": None, "last": None, "unit": None}
    history = answer["history"]
    best = [e for e in history if e["epoch"] == answer["best_epoch"]]
    return {"error": answer["test_error"], "baseline": answer["baseline_error"],
            "validation": best[0]["validation_error"] if best else None,
            "last": history[-1]["validation_error"],
            "unit": answer["baseline_error"] if "r2" in answer else 1}


def edit_model(folder, edit):
    """Changes the tensors of the run's models, both in the same way."""
    for name in ("best.safetensors", "model.safetensors"):
        path = os.path.join(folder, name)
        metadata, found = read_safetensors(path)
        edit(found)
        write_safetensors(path, metadata, found)
