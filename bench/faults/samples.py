"""Data sets that are drawn: each function returns the arrays of an npz file. `rng` is the only
source of chance; all targets but those called random can be learnt from the samples."""
import numpy


def whole(x, y):
    return {"x_train": x.astype("f4"), "y_train": y}


def ones_and_zeros(rng, rows):
    y = rng.permutation(numpy.arange(rows) % 2)
    return whole(numpy.repeat(y[:, None], 128, axis=1), y)


def several_labels(rng, rows):
    """Three labels; each holds for about half of the samples, independently of the others."""
    x = rng.uniform(0, 1, (rows, 20))
    plane = rng.normal(0, 1, (20, 3))
    return whole(x, ((x - 0.5) @ plane + rng.normal(0, 0.2, (rows, 3)) > 0).astype("f8"))


def square(rng, rows, largest=50):
    x = numpy.linspace(0, largest, rows)
    return whole(x[:, None], 5 * x ** 2 + rng.normal(0, 4, rows))


def fourth_power(rng, rows=200):
    x = numpy.linspace(-100, 100, rows, endpoint=False)
    return whole(x[:, None], x ** 4)


def two_blobs(rng, rows, apart):
    y = numpy.arange(rows) % 2
    return whole(rng.normal(0, 1, (rows, 2)) + apart * (y[:, None] - 0.5), y)


def flowers(rng, rows=150):
    """Three classes like Fisher's irises: normal, with the published means and deviations."""
    means = numpy.array([[5.006, 3.428, 1.462, 0.246], [5.936, 2.77, 4.26, 1.326],
                         [6.588, 2.974, 5.552, 2.026]])
    spread = numpy.array([[0.352, 0.379, 0.174, 0.105], [0.516, 0.314, 0.47, 0.198],
                          [0.636, 0.322, 0.552, 0.275]])
    y = numpy.arange(rows) % 3
    return whole(rng.normal(means[y], spread[y]), y)


def line(rng, rows):
    x = numpy.linspace(0, 10, rows)
    return whole(x[:, None], 12.5 * x + 20 + rng.normal(0, 1, rows))


def two_signs(rng, rows=400):
    """A target that is as often negative as positive."""
    x = rng.uniform(-1, 1, (rows, 2))
    return whole(x, 2 * x[:, 0] - 1.5 * x[:, 1] + rng.normal(0, 0.1, rows))


def random_labels(rng, rows=1000):
    return whole(rng.uniform(0, 1, (rows, 5)), rng.integers(0, 2, rows))


def clusters(rng, rows, features, classes, seed, scale=1, offset=0, constant=None, shuffled=False):
    """Classes of two clusters each, so that no plane parts them; feature number `constant[0]` is
    one more, and has the value `constant[1]` for all samples."""
    centres = rng.normal(0, 2, (2 * classes, features))
    kind = rng.integers(0, 2 * classes, rows)
    x = centres[kind] + rng.normal(0, 1, (rows, features))
    return finish(rng, x, kind % classes, scale, offset, constant, shuffled)


def friedman(rng, rows, features, seed, scale=1, offset=0, constant=None, shuffled=False):
    """The first function of Friedman 1991, of five features; the others are noise."""
    x = rng.uniform(0, 1, (rows, features))
    y = 10 * numpy.sin(numpy.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    y += 10 * x[:, 3] + 5 * x[:, 4] + rng.normal(0, 0.5, rows)
    return finish(rng, x, y, scale, offset, constant, shuffled)


def waves(rng, rows, features, seed, scale=1, offset=0, constant=None, shuffled=False):
    """A sum of waves along a few directions."""
    x = rng.normal(0, 1, (rows, features))
    y = sum(numpy.sin(x @ rng.normal(0, 1, features) / features ** 0.5 + k) for k in range(4))
    return finish(rng, x, 100 + 30 * y + rng.normal(0, 1, rows), scale, offset, constant, shuffled)


def finish(rng, x, y, scale, offset, constant, shuffled):
    x = x * scale + offset
    if constant:
        x = numpy.insert(x, constant[0], constant[1], axis=1)
    return whole(x, rng.permutation(y) if shuffled else y)
