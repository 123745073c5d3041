"""Programs that people asked about because they did not train, each with its fix.

The number in a name is that of the public question. Widths and numbers of samples are smaller than
the originals' where a comment says so; the number of steps, which most faults hang on, stays."""
from faults import samples
from faults.files import arrays, cifar10, mnist, table
from faults.programs import Program, flags

# The defaults of the libraries that the originals were written for.
GLOROT = "init=glorot_uniform schedule=constant warmup=0 weight-decay=0 "
ADAM = GLOROT + "optimizer=adam lr=0.001 "
SGD = GLOROT + "optimizer=sgd lr=0.01 "


def case(name, data, model, options, expect, fixed_model=None, mendable=True, fixed_data=None,
         **fixed):
    """A program and its fix: `fixed` are the flags that change, _ in place of -."""
    program = Program("cases", name, data, model, flags(options), frozenset(expect.split()),
                      mendable=mendable)
    mended = program.but(group="fixed", expect=frozenset(), model=fixed_model or model,
                         data=fixed_data or data,
                         flags={"--" + k.replace("_", "-"): str(v) for k, v in fixed.items()})
    return program.but(fixed=mended)


def all_cases():
    return [
        # The layers were 5000 and 600 wide.
        case("44164749-slow", "mnist:{mnist}",
             "784 : dense 1000 | relu | dropout 0.1 | dense 300 | relu | dropout 0.1 | dense 10",
             GLOROT + "optimizer=nesterov lr=0.01 normalise=range batch=2000 epochs=5",
             "too_few_steps rate_too_low", lr=0.05, epochs=15),
        # There were 20,000 rows.
        case("31880720-one-softmax", arrays(samples.ones_and_zeros, rows=10000),
             "128 : dense 50 | relu | dropout 0.2 | dense 50 | relu | dropout 0.2 | dense 1"
             " | softmax",
             GLOROT + "optimizer=rmsprop lr=0.001 loss=sigmoid_cross_entropy normalise=none batch=1"
             " epochs=3", "single_softmax",
             fixed_model="128 : dense 50 | relu | dropout 0.2 | dense 50 | relu | dropout 0.2"
             " | dense 1"),
        # There were 60,000 rows, and so three times as many steps. Several labels are targets of a
        # regression to us, so that the fix is an output without bounds.
        case("38648195-several-labels", arrays(samples.several_labels, rows=20000),
             "20 : dense 20 | relu | dropout 0.5 | dense 20 | relu | dropout 0.5 | dense 3"
             " | softmax",
             SGD + "loss=mean_squared_error normalise=none batch=20 epochs=20",
             "output_activation output_range",
             fixed_model="20 : dense 20 | relu | dropout 0.5 | dense 20 | relu | dropout 0.5"
             " | dense 3"),
        # There were 50 points and 1000 epochs, which are as many steps.
        case("48934338-square", arrays(samples.square, rows=500),
             "1 : dense 50 | relu | dense 30 | relu | dense 1",
             SGD + "loss=mean_squared_error normalise=none batch=32 epochs=150 lr=0.1",
             "rate_too_high", lr=0.001),
        case("50306988-blobs", arrays(samples.two_blobs, rows=200, apart=3),
             "2 : dense 2 | sigmoid | dense 2", ADAM + "normalise=none batch=32 epochs=5",
             "too_few_steps rate_too_low", lr=0.01, epochs=30),
        # Targets are always scaled by us. What is left are the inputs; the network does learn.
        case("52800582-fourth-power", arrays(samples.fourth_power),
             "1 : dense 50 | sigmoid | dense 50 | elu | dense 1",
             ADAM + "loss=mean_squared_error normalise=none batch=400 epochs=1000",
             "targets_not_scaled inputs_not_scaled", normalise="standard"),
        # There was all of MNIST. Some outputs never leave 0, and the classes are never answered.
        case("47352366-relu-output", mnist(6000),
             "28x28x1 : conv 32 5x5 | relu | max_pool 2 | conv 64 5x5 | relu | max_pool 2 | flatten"
             " | dense 1024 | relu | dropout 0.5 | dense 10 | relu",
             ADAM + "normalise=range batch=50 epochs=1", "output_activation",
             fixed_model="28x28x1 : conv 32 5x5 | relu | max_pool 2 | conv 64 5x5 | relu"
             " | max_pool 2 | flatten | dense 1024 | relu | dropout 0.5 | dense 10"),
        # There were 64 and 256 channels, 512 units, and 50,000 images in batches of 500.
        case("48594888-raw-images", cifar10(500, 100),
             "32x32x3 : conv 16 3x3 | relu | max_pool 2 | conv 32 3x3 | relu | max_pool 2 | flatten"
             " | dense 64 | relu | dropout 0.3 | dense 10",
             ADAM + "init=he_normal normalise=none batch=50 epochs=5", "inputs_not_scaled",
             normalise="range"),
        # Deviation 0.05 of layers with four inputs is a tenth of lecun_normal's.
        case("59278771-irises", table(samples.flowers),
             "4 : dense 4 init=lecun_normal gain=0.1 | relu | dense 3 init=lecun_normal gain=0.1"
             " | sigmoid", ADAM + "loss=softmax_cross_entropy normalise=none batch=5 epochs=200",
             "output_activation", normalise="standard",
             fixed_model="4 : dense 4 | relu | dense 3"),
        # There were fewer points, all in a batch, and 1000 epochs, which are as many steps.
        case("48221692-line", arrays(samples.line, rows=1000),
             "1 : dense 5 | sigmoid | dense 1 | sigmoid",
             SGD + "loss=mean_squared_error normalise=none batch=100 epochs=120",
             "output_range output_activation", fixed_model="1 : dense 5 | sigmoid | dense 1",
             normalise="standard", lr=0.1),
        case("48251943-relu-answers", arrays(samples.two_signs),
             "2 : dense 4 | relu | dense 1 | relu",
             SGD + "loss=mean_squared_error normalise=none batch=10 epochs=50",
             "output_activation output_range dead_units@relu2",
             fixed_model="2 : dense 4 | relu | dense 1"),
        case("linear-moons", "moons", "2 : dense 50 | dense 50 | dense 2",
             ADAM + "batch=32 epochs=50", "no_nonlinearity",
             fixed_model="2 : dense 50 | relu | dense 50 | relu | dense 2"),
        case("linear-spirals", "spirals", "2 : dense 50 | dense 50 | dense 2",
             ADAM + "batch=32 epochs=50", "no_nonlinearity",
             fixed_model="2 : dense 50 | relu | dense 50 | relu | dense 2"),
        # Labels at random cannot be learnt by the fixed program either.
        case("45337371-one-softmax", arrays(samples.random_labels),
             "5 : dense 60 | relu | dense 50 | relu | dense 1 | softmax",
             ADAM + "loss=sigmoid_cross_entropy normalise=none batch=32 epochs=10",
             "single_softmax",
             fixed_model="5 : dense 60 | relu | dense 50 | relu | dense 1", mendable=False),
        # There were 60,000 images. With this seed nothing is learnt, with others little.
        case("deep-plain", mnist(6000, layout="rows"),
             "784 : dense 128 | relu | " + "dense 32 | relu | " * 33 + "dense 10",
             ADAM + "normalise=range batch=32 epochs=5 seed=8",
             "weights_too_small vanishing_signal vanishing_gradient", init="he_normal"),
        # There were 64 and 32 channels, 128 units, and all of MNIST.
        case("59325381-one-label", mnist(6000, labels="divided"),
             "28x28x1 : conv 16 3x3 | relu | max_pool 2 | conv 8 3x3 | relu | max_pool 2 | flatten"
             " | dense 32 | relu | dense 10", ADAM + "normalise=range batch=32 epochs=2",
             "one_class_labels", fixed_data=mnist(6000), mendable=False),
    ]
