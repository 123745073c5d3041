"""Files that faulty programs start from: data sets, initial weights, and finished models with a few
numbers changed. All are made by a function and its options; the file's name says both, so a file
that is there already is the right one."""
import dataclasses
import gzip
import hashlib
import json
import os
import re
import struct
import tarfile

import numpy


@dataclasses.dataclass(frozen=True)
class Place:
    """Where data come from, and the folder that written files go to."""
    shared: str
    out: str
    root: str

    def fill(self, text):
        return text.format(mnist=os.path.join(self.shared, "mnist"), root=self.root)


class Made:
    """A file that `make(place, path, **options)` writes; `spec` is how a flag names it."""

    def __init__(self, make, ending, form="{}", **options):
        self.make, self.ending, self.form, self.options = make, ending, form, options

    def __eq__(self, other):
        return isinstance(other, Made) and self.name() == other.name()

    def __hash__(self):
        return hash(self.name())

    def name(self):
        text = "-".join([self.make.__name__] + [f"{k}={v}" for k, v in self.options.items()])
        text = re.sub(r"[^\w.=-]+", "_", text)
        if len(text) > 80:
            text = text[:64] + "-" + hashlib.sha256(text.encode()).hexdigest()[:12]
        return text + self.ending

    def spec(self, place):
        folder = os.path.join(place.out, "data")
        path = os.path.join(folder, self.name())
        if not os.path.exists(path):
            os.makedirs(folder, exist_ok=True)
            partial = os.path.join(folder, "partial-" + self.name())
            self.make(place, partial, **self.options)
            os.replace(partial, path)
        return self.form.format(path)


def arrays(make, **options):
    """An npz file of the dictionary that `make(rng, **options)` returns."""
    def write(place, path, **given):
        numpy.savez(path, **make(numpy.random.default_rng(given.get("seed", 0)), **given))
    write.__name__ = make.__name__
    return Made(write, ".npz", "npz:{}", **options)


def table(make, **options):
    """A csv file of the samples and targets that `make(rng, **options)` returns."""
    def write(place, path, **given):
        made = make(numpy.random.default_rng(given.get("seed", 0)), **given)
        with open(path, "w") as file:
            names = [f"x{i}" for i in range(made["x_train"].shape[1])]
            file.write(",".join(names + ["target"]) + "\n")
            for x, y in zip(made["x_train"], made["y_train"]):
                file.write(",".join([f"{v:.9g}" for v in x] + [str(y)]) + "\n")
    write.__name__ = make.__name__
    return Made(write, ".csv", "csv:{}:target", **options)


def tensors(model, **options):
    """Initial weights, for --weights. `options` say what they are: `deviation`: all weights are
    normal, with this deviation; `bias` with `layers`: biases of these layers, by their labels."""
    return Made(write_tensors, ".npz", model=model, **options)


def write_tensors(place, path, model, deviation=None, bias=None, layers="", seed=0):
    rng, made = numpy.random.default_rng(seed), {}
    for name, shape in parameters(model).items():
        layer, what = name.split(".")
        if what == "weight" and deviation is not None:
            made[name] = rng.normal(0, deviation, shape).astype("f4")
        if what == "bias" and bias is not None and layer in layers.split():
            made[name] = numpy.full(shape, bias, "f4")
    numpy.savez(path, **made)


def parameters(model):
    """Names and shapes of the weights and biases of a chain; its only blocks are residual ones of a
    single branch, which leave the shape as it is."""
    text, chain = model.replace("residual(", "").replace(")", "").split(":", 1)
    shape, counts, found = [int(n) for n in text.strip().split("x")], {}, {}
    for item in chain.split("|"):
        name, *words = item.split()
        values = [w for w in words if "=" not in w]
        if name in ("dense", "conv"):
            counts[name] = counts.get(name, 0) + 1
            label = f"{name}{counts[name]}"
            kernel = [int(k) for k in values[1].split("x")] if name == "conv" else []
            found[label + ".weight"] = (*kernel, shape[-1], int(values[0]))
            if "bias=no" not in words:
                found[label + ".bias"] = (int(values[0]),)
            shape = shape[:-1] + [int(values[0])]
        elif name in ("max_pool", "avg_pool"):
            shape = [n // int(values[0]) for n in shape[:2]] + shape[2:]
        elif name == "flatten":
            shape = [int(numpy.prod(shape))]
    return found


def read_idx(path):
    with gzip.open(path) as file:
        content = file.read()
    extents = struct.unpack(f">{content[3]}I", content[4:4 + 4 * content[3]])
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * content[3]).reshape(extents)


def mnist(train, test=1000, first=0, labels="own", layout="images"):
    """A part of MNIST: `labels` are the images' own, or `shuffled`, or `divided` by 255. `layout`:
    images, rows of 784, or images with a second channel that is white everywhere."""
    return Made(write_mnist, ".npz", "npz:{}", train=train, test=test, first=first, labels=labels,
                layout=layout)


def write_mnist(place, path, train, test, first, labels, layout):
    made = {}
    for split, name, begin, count in (("train", "train", first, train), ("test", "t10k", 0, test)):
        stem = os.path.join(place.shared, "mnist", name)
        x = read_idx(stem + "-images-idx3-ubyte.gz")[begin:begin + count]
        y = read_idx(stem + "-labels-idx1-ubyte.gz")[begin:begin + count].astype("i8")
        if labels == "shuffled":
            y = numpy.random.default_rng(train).permutation(y)
        if labels == "divided" and split == "train":
            y = y // 255
        if layout == "rows":
            x = x.reshape(len(x), -1)
        if layout == "two channels":
            x = numpy.stack([x, numpy.full_like(x, 255)], axis=-1)
        made["x_" + split] = x
        made["y_" + split] = y
    numpy.savez(path, **made)


def cifar10(train, test):
    """The first pictures of each class of CIFAR-10, `train` and `test` of each, as a folder."""
    return Made(write_cifar10, "", "cifar10:{}", train=train, test=test)


def write_cifar10(place, path, train, test):
    wanted = {"train": train, "test": test}
    with tarfile.open(os.path.join(place.shared, "cifar10", "cifar10-jpeg.tar.xz")) as archive:
        for member in archive:
            split, *rest = member.name.removeprefix("./").split("/")
            if len(rest) != 2 or split not in wanted:
                continue
            folder = os.path.join(path, split, rest[0])
            os.makedirs(folder, exist_ok=True)
            if len(os.listdir(folder)) < wanted[split]:
                with open(os.path.join(folder, rest[1]), "wb") as file:
                    file.write(archive.extractfile(member).read())


def read_safetensors(path):
    """Metadata and a dictionary of arrays, float32, of a safetensors file."""
    with open(path, "rb") as file:
        content = file.read()
    size = struct.unpack("<Q", content[:8])[0]
    head = json.loads(content[8:8 + size])
    metadata = head.pop("__metadata__", {})
    found = {}
    for name, entry in head.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(content[8 + size + begin:8 + size + end], "<f4")
        found[name] = values.reshape(entry["shape"]).copy()
    return metadata, found


def write_safetensors(path, metadata, found):
    head, at = {"__metadata__": metadata}, 0
    for name, values in found.items():
        head[name] = {"dtype": "F32", "shape": list(values.shape),
                      "data_offsets": [at, at + 4 * values.size]}
        at += 4 * values.size
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in found.values():
            file.write(values.astype("<f4").tobytes())
