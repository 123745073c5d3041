"""Faults that are planted in programs that train well: twelve of them, each in a dense network, a
convolutional one and one for a table, three times with other sizes, data, rates and seeds."""
from faults import samples
from faults.files import arrays, cifar10, mnist, parameters, table, tensors
from faults.programs import Program, flags

TIMES = 3


def program(data, model, options):
    return Program("planted", "", data, model, flags(options))


def dense(v):
    return [
        program("glyphs:train=2500,test=500,seed=1",
                "784 : dense 64 | relu | dense 64 | relu | dense 10",
                "optimizer=nesterov lr=0.1 batch=64 epochs=6"),
        program(mnist(2500, first=5000), "784 : dense 128 | relu | dense 64 | relu | dense 10",
                "optimizer=adam lr=0.003 batch=32 epochs=5"),
        program("glyphs:train=3000,test=500,seed=3,difficulty=0.3",
                "784 : dense 96 | elu | dense 96 | elu | dense 48 | elu | dense 10",
                "optimizer=sgd lr=0.1 batch=32 epochs=6 normalise=range"),
    ][v]


def conv(v):
    return [
        program(mnist(2000), "28x28x1 : conv 8 3x3 | relu | max_pool 2 | conv 16 3x3 | relu"
                " | max_pool 2 | flatten | dense 32 | relu | dense 10",
                "optimizer=adam lr=0.006 batch=50 epochs=5"),
        program("glyphs:train=2000,test=500,seed=5",
                "28x28x1 : conv 12 5x5 | leaky_relu | max_pool 4 | flatten | dense 40 | leaky_relu"
                " | dense 10", "optimizer=nesterov lr=0.05 batch=32 epochs=5"),
        program(cifar10(400, 50), "32x32x3 : conv 16 3x3 | relu | max_pool 2 | conv 16 3x3 | relu"
                " | max_pool 2 | conv 32 3x3 | relu | max_pool 2 | flatten | dense 10",
                "optimizer=adamw lr=0.003 batch=32 epochs=8"),
    ][v]


def tabular(v, **changed):
    """`changed`: options of the data."""
    return [
        program(table(samples.friedman, **{"rows": 1500, "features": 10, "seed": 1, **changed}),
                "10 : dense 32 | relu | dense 32 | relu | dense 1",
                "optimizer=adamw lr=0.03 batch=32 epochs=25"),
        program(table(samples.clusters, **{"rows": 2000, "features": 12, "classes": 4, "seed": 2,
                                           **changed}),
                "12 : dense 48 | tanh | dense 48 | tanh | dense 4",
                "optimizer=nesterov lr=0.2 batch=32 epochs=10"),
        program(arrays(samples.waves, **{"rows": 2000, "features": 6, "seed": 3, **changed}),
                "6 : dense 48 | residual(relu | dense 48 | relu | dense 48) | relu | dense 1",
                "optimizer=adam lr=0.02 batch=64 epochs=25"),
    ][v]


KINDS = {"dense": dense, "conv": conv, "table": tabular}


def deep(kind, v, layers, activation="relu"):
    """One with `layers` hidden layers of that kind."""
    base = KINDS[kind](v)
    width = {"dense": [64, 96, 48], "conv": [8, 6, 10], "table": [32, 48, 24]}[kind][v]
    if kind == "conv":
        item = f" | conv {width} 3x3 | {activation}"
        shape = base.model.split(":")[0].strip()
        model = f"{shape} :" + (item * 2).removeprefix(" |") + " | max_pool 4" + item * (layers - 2)
        return base.but(model=model + " | max_pool 2 | flatten | dense 10")
    shape, chain = base.model.split(" : ")
    outputs = chain.split("|")[-1].strip()
    return base.but(model=f"{shape} : " + f"dense {width} | {activation} | " * layers + outputs)


def hidden(model):
    """Labels of all layers but the last."""
    return [name.split(".")[0] for name in parameters(model) if name.endswith(".weight")][:-1]


def rate(kind, v):
    good = KINDS[kind](v)
    return good, good.but(flags={"--lr": f"{30 * float(good.flags['--lr']):g}"})


def bias(kind, v):
    good = KINDS[kind](v)
    layers = " ".join(hidden(good.model))
    start = tensors(good.model, bias=[-10, -15, -20][v], layers=layers)
    return good, good.but(flags={"--weights": start})


def large(kind, v):
    good = deep(kind, v, 10, ["relu", "tanh", "relu"][v])
    return good, good.but(flags={"--weights": tensors(good.model, deviation=1, seed=v)})


def small(kind, v):
    good = deep(kind, v, [4, 3, 5][v])
    deviation = [0.001, 0.001, 0.002][v]
    return good, good.but(flags={"--weights": tensors(good.model, deviation=deviation, seed=v)})


def raw(kind, v):
    if kind == "table":
        good = tabular(v, scale=[100, 40, 60][v], offset=[0, 128, 100][v])
    else:
        good = KINDS[kind](v)
    return good, good.but(flags={"--normalise": "none"})


def constant(kind, v):
    """A column of a table, a channel of images, or of arrays, which share one scale because the
    flag says so: left to itself, `train` gives each feature its own."""
    which, shared = (v, [7, 0.5, 90][v]), {"--normalise": "standard"}
    if kind == "table":
        good, bad = tabular(v), tabular(v, constant=which)
        features = int(good.model.split(" : ")[0])
        return good, bad.but(model=good.model.replace(str(features), str(features + 1), 1),
                             flags=shared)
    if kind == "conv":
        model = conv(0).model
        good = conv(0).but(data=mnist(1500 + 300 * v, first=3000 * v))
        return good, good.but(model=model.replace("28x28x1", "28x28x2"), flags=shared,
                              data=mnist(1500 + 300 * v, first=3000 * v, layout="two channels"))
    features, chain = 20 + 10 * v, f"dense {48 + 16 * v} | relu | dense 32 | relu | dense 5"
    size = {"rows": 2000, "features": features, "classes": 5, "seed": v}
    good = program(arrays(samples.clusters, **size), f"{features} : {chain}",
                   "optimizer=nesterov lr=0.05 batch=32 epochs=8")
    return good, good.but(model=f"{features + 1} : {chain}", flags=shared, data=arrays(
        samples.clusters, **size, constant=(v, [300, 1000, 2000][v])))


def sigmoids(kind, v):
    layers = [20, 18, 22][v]
    share = {"dense": [0.1, 0.3, 0.3], "conv": [0.3, 0.3, 1], "table": [0.3, 0.03, 0.3]}[kind][v]
    slower = {"--lr": f"{share * float(KINDS[kind](v).flags['--lr']):g}"}
    good = deep(kind, v, layers, "batch_norm | relu" if (kind, v) == ("conv", 1) else "relu")
    return good.but(flags=slower), deep(kind, v, layers, "sigmoid").but(flags=slower)


def killed(kind, v):
    good = KINDS[kind](v)
    return good, good.but(edit=[bias_away, without_input, nothing_left][v], mendable=False)


def duplicated(kind, v):
    good = KINDS[kind](v)
    return good, good.but(edit=[copy_third, copy_half, copy_half_of_first][v], mendable=False)


def shuffled(kind, v):
    if kind == "table":
        return tabular(v), tabular(v, shuffled=True).but(mendable=False)
    part = {"train": 2000 + 500 * v, "first": 7000 * v}
    good = KINDS[kind](0).but(data=mnist(**part))
    return good, good.but(data=mnist(**part, labels="shuffled"), mendable=False)


def batch_norm(kind, v):
    """Batches of 1 where training allows them, else of 2; of 1 in one dense network. A batch of 2
    must not leave one sample for the last."""
    good = KINDS[kind](v)
    item = {"relu": "batch_norm | relu", "elu": "batch_norm | elu", "tanh": "batch_norm | tanh",
            "leaky_relu": "batch_norm | leaky_relu"}
    words = [item.get(word, word) for word in good.model.replace("(", "( ").split(" ")]
    model = " ".join(words).replace("( ", "(")
    if kind == "conv":
        before, after = model.split("flatten")
        model = before + "flatten" + after.replace("batch_norm | ", "")
    batch = 1 if kind == "conv" or (kind, v) == ("dense", 0) else 2
    if (kind, v) == ("conv", 0):  # four places a channel
        good = good.but(flags={"--optimizer": "nesterov", "--lr": "0.1"})
        model = ("28x28x1 : conv 8 3x3 | relu | max_pool 4 | conv 16 3x3 | batch_norm | relu"
                 " | max_pool 3 | conv 16 3x3 | batch_norm | relu | conv 16 3x3 | batch_norm | relu"
                 " | flatten | dense 10")
    good = good.but(model=model, flags={"--validation": "0"} if (kind, v) == ("dense", 1) else {})
    return good, good.but(flags={"--batch": str(batch), "--epochs": "3"})


def residuals(kind, v):
    """Blocks that each make the signal larger, and no norm."""
    blocks, gain = [12, 16, 10][v], [4, 3, 6][v]
    base = KINDS[kind](v)
    width = {"dense": 64, "conv": 8, "table": 32}[kind] + 4 * v
    if kind == "conv":
        head, item = f"conv {width} 3x3 | relu | max_pool 4 | ", f"conv {width} 3x3"
        tail = " | flatten | dense 10"
    else:
        head, item = f"dense {width}", f"dense {width}"
        tail = " | relu | " + base.model.split("|")[-1].strip()
        head += " | "
    shape = base.model.split(" : ")[0]

    def model(gain):
        block = f"residual(relu | {item} | relu | {item}{gain})"
        return f"{shape} : " + head + " | ".join([block] * blocks) + tail
    if kind == "conv":
        base = base.but(flags={"--epochs": "4", "--lr": ["0.003", "0.02", "0.003"][v]})
    if (kind, v) == ("table", 1):
        base = base.but(flags={"--lr": "0.05"})
    good = base.but(model=model(" gain=0.1"))
    return good, good.but(model=model(f" gain={gain}"))


def pick(count, share):
    """Units number 0, 1/share, 2/share, ..."""
    return [int(i / share) for i in range(int(count * share))]


def layers_of(found):
    """(weight, bias, weight of the next layer) of all layers but the last, by their names."""
    names = [name for name in found if name.endswith(".weight")]
    names.sort(key=lambda n: (not n.startswith("conv"), n))  # convolutions come first
    for name, after in zip(names, names[1:]):
        yield name, name.replace(".weight", ".bias"), after


def bias_away(found):
    for weight, bias, _ in layers_of(found):
        found[bias][pick(len(found[bias]), 0.4)] = -1000


def without_input(found):
    for weight, bias, _ in layers_of(found):
        units = pick(len(found[bias]), 0.4)
        found[weight][..., units] = 0
        found[bias][units] = -2


def nothing_left(found):
    for weight, bias, _ in layers_of(found):
        units = pick(len(found[bias]), 0.4)
        found[weight][..., units] = 0
        found[bias][units] = 0


def copy_units(found, share, layers):
    for weight, bias, _ in list(layers_of(found))[:layers]:
        units = pick(len(found[bias]), share)
        source = [(u + 1) % len(found[bias]) for u in units]
        found[weight][..., units] = found[weight][..., source]
        found[bias][units] = found[bias][source]


def copy_third(found):
    copy_units(found, 0.33, None)


def copy_half(found):
    copy_units(found, 0.5, None)


def copy_half_of_first(found):
    copy_units(found, 0.5, 1)


FAULTS = {
    "rate": (rate, "rate_too_high"),
    "bias": (bias, "initial_bias"),
    "large": (large, "weights_too_large"),
    "small": (small, "weights_too_small"),
    "raw": (raw, "inputs_not_scaled"),
    "constant": (constant, "constant_feature"),
    "sigmoids": (sigmoids, "saturating_depth"),
    "killed": (killed, "dead_units"),
    "duplicated": (duplicated, "duplicate_units"),
    "shuffled": (shuffled, "labels_unrelated"),
    "batch-norm": (batch_norm, "small_batch_norm"),
    "residuals": (residuals, "residual_growth"),
}


def all_planted():
    found = []
    for fault, (make, expect) in FAULTS.items():
        for kind in KINDS:
            for v in range(TIMES):
                good, bad = make(kind, v)
                name = f"{fault}-{kind}"
                twin = f"plain-{kind}" if good == KINDS[kind](v) else name
                good = good.but(group="twins", name=twin)
                bad = bad.but(name=name, expect=frozenset(expect.split()), fixed=good)
                found.append(bad.seeded(v + 1))
    return found
