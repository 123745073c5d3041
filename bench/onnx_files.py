"""Loads every ONNX file of a folder with Rectify, and holds its answers against ONNX Runtime's.

    python3 bench/onnx_files.py FOLDER [--build build] [--only TEXT] [--verbose]

bench/onnx_collection.py makes such a folder, one folder a kind. A file is imported by `rectify
import` (with --shape where extents are open), and what was imported answers by the library's
interface for C. Prints a line for each file that is refused, and a table: of each kind, how many
load, how many of these give ONNX Runtime's numbers (the largest difference below a thousandth of
the largest number, or of a thousandth where all are smaller), and how many are refused. Needs onnx and onnxruntime.
"""

import argparse
import ctypes
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-3
ELEMENTS = {
    "tensor(float)": "f4",
    "tensor(double)": "f8",
    "tensor(float16)": "f2",
    "tensor(int64)": "i8",
    "tensor(int32)": "i4",
    "tensor(uint8)": "u1",
    "tensor(int8)": "i1",
    "tensor(bool)": "?",
    "tensor(int16)": "i2",
    "tensor(uint32)": "u4",
}


class Library:
    """The interface for C (rectify/c/rectify.h)."""

    def __init__(self, build):
        self.c = ctypes.CDLL(str(next(pathlib.Path(build).rglob("librectify.so"))))
        self.c.rectify_model_inputs.restype = ctypes.c_size_t
        self.c.rectify_model_outputs.restype = ctypes.c_size_t

    def answers(self, path, sample):
        model, error = ctypes.c_void_p(), ctypes.create_string_buffer(1000)
        if self.c.rectify_model_load(str(path).encode(), ctypes.byref(model), error, 1000) != 0:
            raise RuntimeError(error.value.decode())
        width, outputs = self.c.rectify_model_inputs(model), self.c.rectify_model_outputs(model)
        count = sample.size // max(width, 1)  # a fixed batch is as many samples
        if count < 1 or width * count != sample.size:
            raise RuntimeError(f"the model takes {width} numbers, not {sample.size}")
        sample, answer = np.ascontiguousarray(sample, "f4"), np.zeros(count * outputs, "f4")
        pointer = lambda a: a.ctypes.data_as(ctypes.c_void_p)
        status = self.c.rectify_model_run(
            model,
            ctypes.c_size_t(count),
            pointer(sample),
            ctypes.c_size_t(sample.size),
            pointer(answer),
            ctypes.c_size_t(answer.size),
            error,
            ctypes.c_size_t(1000),
        )
        self.c.rectify_model_free(model)
        if status != 0:
            raise RuntimeError(error.value.decode())
        return answer


def extents_of(inputs, length):
    """Extents for every input, of which open ones are `length`, and what --shape has to say."""
    shapes, asked = {}, []
    for info in inputs:
        rank = len(info.shape)
        last = rank == 4 and info.shape[3] in (1, 3, 4)  # channels last
        shape = []
        for axis, extent in enumerate(info.shape):
            if isinstance(extent, int) and extent > 0:
                shape.append(extent)
            else:
                shape.append(
                    1 if axis == 0 else 3 if axis == 1 and rank == 4 and not last else length
                )
        shapes[info.name] = shape
        if any(not isinstance(e, int) or e < 1 for e in info.shape[1:]):
            asked.append(f"{info.name}=" + "x".join(map(str, shape)))
    return shapes, ",".join(asked)


def first_that_runs(session):
    """Extents that ONNX Runtime takes, and its answers to drawn numbers of them."""
    for length in (64, 16, 512):
        shapes, asked = extents_of(session.get_inputs(), length)
        random = np.random.default_rng(7)
        feed = {info.name: drawn(info, shapes[info.name], random) for info in session.get_inputs()}
        try:
            session.run(None, feed)
            return asked, feed
        except Exception as error:  # it throws several kinds
            failure = error
    raise failure


def drawn(info, shape, random):
    kind = ELEMENTS[info.type]
    if kind == "?":
        return random.random(shape) < 0.7
    if kind[0] == "f":
        return random.random(shape).astype(kind)
    if not shape:  # a whole number alone is a sampling rate
        return np.array(16000, kind)
    return random.integers(0, 5, shape).astype(kind)


def as_ours(array, extents):
    """Numbers of ONNX in our order: an image is channels last."""
    array = np.asarray(array, "f4")
    last = array.ndim == 4 and tuple(extents) == (*array.shape[2:], array.shape[1])
    return (
        array.transpose(0, 2, 3, 1) if last and tuple(extents) != array.shape[1:] else array
    ).ravel()


def answer_of(session, name, feed):
    names = [output.name for output in session.get_outputs()]
    value = session.run([name if name in names else names[0]], feed)[0]
    if isinstance(value, list):  # maps of probabilities by class
        value = np.array([[row[key] for key in sorted(row)] for row in value])
    return value


def compared(path, program, library, folder):
    """("same" | "other" | "refused" | "left out", what to say)"""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 2, 4
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        asked, feed = first_that_runs(session)
    except Exception as error:
        return "left out", f"ONNX Runtime does not run it: {str(error)[:150]}"
    out = folder / "model.safetensors"
    command = [program, "import", str(path), "--out", str(out), "--force", "--json"] + (
        ["--shape", asked] if asked else []
    )
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if result.returncode != 0:
        return (
            "refused",
            (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1],
        )
    said = json.loads(result.stdout)
    extents = [int(e) for e in said["model"].split(" :")[0].split("x")]
    several = len(feed) > 1
    sample = np.concatenate([as_ours(v, [] if several else extents) for v in feed.values()])
    want = answer_of(session, said.get("output", ""), feed)
    got = library.answers(out, sample)
    want = np.asarray(want, "f4")
    candidates = [want.ravel()]
    if want.ndim == 4:
        candidates.append(want.transpose(0, 2, 3, 1).ravel())
    apart = min(
        np.inf if c.size != got.size else np.abs(c - got).max() / max(np.abs(c).max(), 1e-3)
        for c in candidates
    )
    return (
        "same" if apart < TOLERANCE else "other"
    ), f"{apart:.1e} apart, {want.shape} and {got.size}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true", help="a line for files that agree too")
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.build) / "bin" / "rectify")
    library = Library(arguments.build)
    table = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(pathlib.Path(arguments.folder).rglob("*.onnx")):
            name = str(path.relative_to(arguments.folder))
            if arguments.only not in name:
                continue
            try:
                outcome, words = compared(path, program, library, pathlib.Path(folder))
            except Exception as error:  # a peer may fail in any way; the table goes on
                outcome, words = "other", f"{type(error).__name__}: {str(error)[:200]}"
            if outcome != "left out":
                table.setdefault(name.split("/")[0], []).append(outcome)
            if arguments.verbose or outcome != "same":
                print(f"{outcome:8} {name}: {words}", flush=True)
    heads = ["kind", "files", "load", "ONNX Runtime's numbers", "other numbers", "refused"]
    print("\n| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for kind, outcomes in [*table.items(), ("all", sum(table.values(), []))]:
        same, other, refused = (outcomes.count(word) for word in ("same", "other", "refused"))
        print(f"| {kind} | {len(outcomes)} | {same + other} | {same} | {other} | {refused} |")


if __name__ == "__main__":
    main()
