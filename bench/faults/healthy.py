"""Programs that train well, of as many kinds as there are: what `diagnose` must leave in peace."""
import random
import sys

from faults import samples
from faults.files import arrays, cifar10, mnist, table
from faults.programs import Program, flags

ACTIVATIONS = ["relu", "leaky_relu", "prelu", "rrelu", "elu", "celu", "selu", "gelu", "gelu_tanh",
               "silu", "mish", "softplus", "sigmoid", "tanh", "hard_tanh", "abs_tanh", "relu6",
               "hard_swish", "hard_sigmoid", "relu_squared", "softsign", "threshold_relu",
               "stepped_sigmoid", "noisy_relu"]
# Rates of nesterov in the dense network, and of adam in the convolutional one; else 0.1 and 0.005.
RATES = {"relu_squared": (0.005, 0.003), "sigmoid": (0.2, 0.02),
         "hard_sigmoid": (0.2, 0.02), "stepped_sigmoid": (0.2, 0.02), "abs_tanh": (0.02, 0.003)}
OPTIMISERS = ["sgd", "momentum", "nesterov", "adam", "adamw", "adagrad", "rmsprop", "lion", "muon"]
GLYPHS = "glyphs:train=2500,test=500"


def healthy(name, data, model, options=""):
    return Program("healthy", name, data, model, flags(options))


def bundled(rng, name):
    """A table that comes with scikit-learn."""
    from sklearn import datasets
    x, y = getattr(datasets, "load_" + name)(return_X_y=True)
    return samples.whole(x, y)


def numbers(name, **size):
    return table(getattr(samples, name), **size)


FRIEDMAN = numbers("friedman", rows=1500, features=10, seed=7)
CLUSTERS = numbers("clusters", rows=2000, features=8, classes=3, seed=8)
WAVES = arrays(samples.waves, rows=2000, features=5, seed=9)


def activations():
    found = []
    for name in ACTIVATIONS:
        rate = RATES.get(name, (0.1, 0.005))
        found.append(healthy(f"dense-{name}", GLYPHS,
                             f"784 : dense 64 | {name} | dense 64 | {name} | dense 10",
                             f"epochs=8 batch=64 lr={rate[0]}"))
        if name == "stepped_sigmoid":  # an element costs as much as tens of sigmoids
            continue
        found.append(healthy(f"conv-{name}", mnist(3000, first=9000),
                             f"28x28x1 : conv 8 5x5 | {name} | max_pool 3 | conv 12 3x3 | {name}"
                             " | max_pool 3 | flatten | dense 10",
                             f"epochs=6 batch=32 optimizer=adam lr={rate[1]}"))
    return found


def optimisers():
    found = []
    for name in OPTIMISERS:
        found.append(healthy(f"glyphs-{name}", "glyphs:train=2000,test=500,seed=4",
                             "784 : dense 100 | relu | dense 10", f"optimizer={name} epochs=8"))
        found.append(healthy(f"friedman-{name}", FRIEDMAN, "10 : dense 40 | relu | dense 40 | relu"
                             " | dense 1", f"optimizer={name} epochs=40 batch=32"))
    return found


def zoo():
    """Those of the zoo that learn something in a few seconds, and two small networks for texts."""
    return [
        healthy("lenet5", mnist(3000), "lenet5", "epochs=6 lr=0.05 batch=64"),
        healthy("mlp-3", "glyphs:train=2000,test=500", "mlp-3", "epochs=4 lr=0.05 batch=64"),
        healthy("residual-mlp", mnist(2500, layout="rows"), "residual-mlp",
                "epochs=4 lr=0.05 batch=64"),
        healthy("char-transformer",
                "text:{root}/docs/contracts.md,vocabulary=bytes,context=32,stride=16",
                "32 : embedding 256 48 | positions | repeat 2 (residual(layer_norm | dense 144"
                " | attention 4 causal=yes | dense 48) | residual(layer_norm | dense 96 | relu"
                " | dense 48)) | layer_norm | dense 256",
                "optimizer=adamw lr=0.003 epochs=6 batch=16"),
        healthy("char-recurrent", "text:{root}/docs/data.md,vocabulary=bytes,context=24,stride=12",
                "24 : embedding 256 32 | dense 48 | recurrent tanh | dense 256",
                "optimizer=adam lr=0.005 epochs=10 batch=16"),
    ]


def kinds():
    two = "2 : dense 32 | relu | dense 32 | relu | dense 2"
    return [
        healthy("moons", "moons", two, "epochs=20 batch=32"),
        healthy("moons-noisy", "moons:noise=0.3,seed=3", "2 : dense 16 | tanh | dense 2",
                "epochs=20 batch=64 lr=0.5"),
        healthy("spirals", "spirals:train=3000", two, "optimizer=adam lr=0.01 epochs=20 batch=32"),
        healthy("alnum", "glyphs:classes=alnum,train=6000,test=620,difficulty=0.2",
                "784 : dense 128 | relu | dense 62", "epochs=8 batch=64"),
        healthy("glyphs-complex", "glyphs:train=4000,test=500,complexity=0.3",
                "28x28x1 : conv 12 5x5 | relu | max_pool 4 | flatten | dense 64 | relu | dense 10",
                "epochs=5 batch=64 lr=0.05"),
        healthy("mnist-whole", "mnist:{mnist}", "784 : dense 32 | relu | dense 10", "epochs=3"),
        healthy("mnist-range", mnist(3000, layout="rows"), "784 : dense 64 | relu | dense 10",
                "epochs=6 normalise=range batch=64"),
        healthy("cifar10", cifar10(300, 50),
                "32x32x3 : conv 24 5x5 | relu | max_pool 4 | conv 32 3x3 | relu | max_pool 2"
                " | flatten | dense 10", "epochs=8 optimizer=adam lr=0.002 batch=32"),
        healthy("cifar10-norm", cifar10(300, 50),
                "32x32x3 : conv 16 3x3 bias=no | batch_norm | relu | max_pool 4"
                " | conv 32 3x3 bias=no | batch_norm | relu | global_avg_pool | dense 10",
                "epochs=8 lr=0.1 batch=32"),
        healthy("several-targets", arrays(samples.several_labels, rows=3000), "20 : dense 32 | relu"
                " | dense 3", "epochs=20 optimizer=adam lr=0.003 batch=32"),
        healthy("line", arrays(samples.line, rows=400), "1 : dense 8 | tanh | dense 1",
                "epochs=30 batch=32"),
        healthy("flowers", table(samples.flowers), "4 : dense 16 | relu | dense 3"),
        healthy("flowers-linear", table(samples.flowers), "4 : dense 3"),
        *[healthy("bundled-" + name, table(bundled, name=name), model, options)
          for name, model, options in [
              ("iris", "4 : dense 20 | relu | dense 3", ""),
              ("wine", "13 : dense 30 | relu | dense 30 | relu | dense 3", ""),
              ("breast_cancer", "30 : dense 30 | relu | dense 2", ""),
              ("digits", "64 : dense 100 | relu | dense 10", "batch=32 epochs=30")]],
    ]


def ways():
    """Losses, schedules, regularisation, norms and blocks."""
    dense = "784 : dense 96 | relu | dense 96 | relu | dense 10"
    options = ["loss=hinge lr=0.02", "loss=mean_squared_error", "label-smoothing=0.1",
               "mixup=0.2", "ema=0.95", "l1=0.001", "max-norm=3", "clip-norm=1", "accumulate=2",
               "class-weights=balanced", "schedule=constant", "schedule=step step-every=4",
               "schedule=cosine_restarts", "schedule=one_cycle", "schedule=plateau",
               "weight-decay=0", "weight-decay=0.005", "validation=0", "validation=0.3",
               "patience=3", "batch=8 lr=0.02", "batch=512 lr=0.3", "init=orthogonal",
               "init=glorot_normal", "warmup=2"]
    found = [healthy("way-" + text.replace("=", "-").replace(" ", "-"),
                     "glyphs:train=2000,test=500,seed=2", dense,
                     "lr=0.05 epochs=8 batch=64 " + text)
             for text in options]
    found.append(healthy("way-augment", GLYPHS, "28x28x1 : flatten | dense 96 | relu | dense 10",
                         "lr=0.05 epochs=8 batch=64").but(flags={"--augment": "crop 2"}))
    models = {
        "dropout": "784 : dense 128 | relu | dropout 0.2 | dense 128 | relu | dropout 0.5"
                   " | dense 10",
        "batch-norm": "784 : repeat 2 (dense 64 | batch_norm | relu) | dense 10",
        "layer-norm": "784 : repeat 2 (dense 64 | layer_norm | gelu) | dense 10",
        "rms-norm": "784 : dense 64 | rms_norm | silu | dense 10",
        "selu": "784 : dense 64 | selu | alpha_dropout 0.1 | dense 64 | selu | dense 10",
        "maxout": "784 : dense 128 | maxout 2 | dense 64 | maxout 4 | dense 10",
        "swiglu": "784 : dense 128 | layer_norm | swiglu | dense 64 | swiglu | dense 10",
        "whitened": "784 : dense 128 init=whitening | relu | dense 10",
        "linear": "784 : dense 10",
        "bottleneck": "784 : dense 64 | relu | dense 8 | relu | dense 64 | relu | dense 10",
        "bottleneck-linear": "784 : dense 16 | dense 64 | relu | dense 10",
        "wide": "784 : dense 1500 | relu | dense 10",
        "narrow": "784 : dense 12 | relu | dense 10",
        "dense-block": "784 : dense 32 | relu | dense_block(dense 32 | relu) | dense_block(dense 32"
                       " | relu) | dense 10",
        "residual": "784 : dense 64 | repeat 4 (residual(relu | dense 64 | relu"
                    " | dense 64 gain=0.2)) | relu | dense 10",
        "eight-layers": "784 : repeat 8 (dense 64 | relu) | dense 10",
        "tanh-five": "784 : repeat 5 (dense 64 | tanh) | dense 10",
        "mean-pool": "28x28x1 : conv 16 3x3 stride=2 | relu | conv 32 3x3 stride=2 | relu"
                     " | global_avg_pool | dense 10",
        "depthwise": "28x28x1 : conv 8 3x3 stride=2 | batch_norm | relu | conv 8 3x3 groups=8"
                     " | batch_norm | relu | conv 16 1x1 | batch_norm | relu | global_avg_pool"
                     " | dense 10",
    }
    for name, model in models.items():
        found.append(healthy("net-" + name, GLYPHS, model, "epochs=8 batch=64 lr=0.05"))
    for loss in ("huber", "mean_absolute_error"):
        found.append(healthy("way-" + loss, WAVES,
                             "5 : dense 64 | relu | dense 64 | relu | dense 1",
                             f"loss={loss} epochs=30 batch=32 optimizer=adam lr=0.005"))
    return found


def drawn(count=40):
    """Sizes, rates, batches and data by chance, around what is usual."""
    chance, found = random.Random(23), []
    usual = {"nesterov": 0.1, "adam": 0.002, "adamw": 0.003, "sgd": 0.1, "rmsprop": 0.001,
             "momentum": 0.05}
    data = [("784", 10, GLYPHS), ("784", 10, "glyphs:train=3000,test=500,difficulty=0.3,seed=6"),
            ("784", 10, mnist(2500, first=20000, layout="rows")), ("8", 3, CLUSTERS),
            ("10", 1, FRIEDMAN), ("5", 1, WAVES), ("2", 2, "moons:train=1500,noise=0.2")]
    for i in range(count):
        shape, outputs, spec = chance.choice(data)
        depth = chance.randint(1, 5)
        activation = chance.choice(["relu", "relu", "leaky_relu", "gelu", "silu", "elu", "tanh"])
        widths = [chance.choice([16, 24, 40, 64, 100, 160, 256]) for _ in range(depth)]
        model = f"{shape} : " + "".join(f"dense {w} | {activation} | " for w in widths)
        optimizer = chance.choice(list(usual))
        rate = usual[optimizer] * chance.choice([0.5, 1, 1, 2])
        batch, epochs = chance.choice([16, 32, 64, 128]), chance.randint(5, 20)
        found.append(healthy(f"drawn-{i}", spec, model + f"dense {outputs}",
                             f"optimizer={optimizer} lr={rate:g} batch={batch} epochs={epochs}"
                             f" seed={i}"))
    return found


def all_healthy():
    return activations() + optimisers() + zoo() + kinds() + ways() + drawn()


def possible(programs, place):
    """Those whose data can be made here; says which others there are."""
    found = []
    for program in programs:
        try:
            program.words(place)
            found.append(program)
        except ImportError as missing:
            print(f"{program.name} is left out: {missing}", file=sys.stderr)
    return found
