"""The work that Rectify and its peers are asked to do alike, by name."""
import math

WIDE = [784, 1000, 1000, 1000, 10]
NARROW = [64, 64, 64, 64, 10]
OPTIMISERS = ["sgd", "momentum", "adam"]
# Small enough that 100 steps learn without losing the last places of the loss.
RATES = {"sgd": 5e-3, "momentum": 1e-3, "adam": 5e-5}


# Configuration A of Simonyan & Zisserman 2015 at the size of CIFAR-10, without dropout.
VGG11 = ("32x32x3 : conv 64 3x3 | relu | max_pool 2 | conv 128 3x3 | relu | max_pool 2 "
         "| repeat 2 (conv 256 3x3 | relu) | max_pool 2 | repeat 2 (conv 512 3x3 | relu) | max_pool 2 "
         "| repeat 2 (conv 512 3x3 | relu) | max_pool 2 | flatten "
         "| repeat 2 (dense 512 | relu) | dense 10")
# Networks that are no MLPs: the model's name or text, the shape of a sample, and multiply-adds of a
# sample in all products, and in those whose gradient in the input nobody needs.
NETWORKS = {"resnet20": ("resnet20", [32, 32, 3], 40813184, 442368),
            "vgg11": (VGG11, [32, 32, 3], 153293824, 1769472)}


def task(widths, batch, optimiser=None, precision="fp32"):
    """What a server is asked to open; without an optimiser, inference."""
    return {"training": optimiser is not None, "widths": widths, "batch": batch,
            "optimiser": optimiser or "sgd", "lr": RATES[optimiser or "sgd"],
            "precision": precision}


def network_task(network, batch, optimiser, precision="fp32"):
    """Training of a network that is no MLP, on images of ten classes."""
    model, shape, _, _ = NETWORKS[network]
    found = task([math.prod(shape), 10], batch, optimiser, precision)
    return {**found, "network": network, "model": model, "shape": shape}


def workloads():
    """Name to task, in the order of the table."""
    found = {}
    for optimiser in OPTIMISERS:
        for batch in (1, 8, 32, 128, 512):
            found[f"mlp-{optimiser}-{batch}"] = task(WIDE, batch, optimiser)
    for batch in (1, 8, 128):
        found[f"mlp-infer-{batch}"] = task(WIDE, batch)
    for batch in (1, 32):
        found[f"narrow-sgd-{batch}"] = task(NARROW, batch, "sgd")
    for batch in (1, 32):
        found[f"narrow-infer-{batch}"] = task(NARROW, batch)
    for batch in (32, 128, 512):
        found[f"mlp-sgd-{batch}-bf16"] = task(WIDE, batch, "sgd", "bf16")
    found["resnet20-momentum-128"] = network_task("resnet20", 128, "momentum")
    found["vgg11-momentum-128"] = network_task("vgg11", 128, "momentum")
    found["resnet20-momentum-128-bf16"] = network_task("resnet20", 128, "momentum", "bf16")
    return found


def flops(work):
    """Floating-point operations of the matrix products of a step, multiply and add counted apart."""
    if "network" in work:
        _, _, forward, first = NETWORKS[work["network"]]
        return 2 * work["batch"] * (3 * forward - first)
    layers = [2 * work["batch"] * a * b for a, b in zip(work["widths"], work["widths"][1:])]
    if not work["training"]:
        return sum(layers)
    return 3 * sum(layers) - layers[0]  # nobody needs the gradient of the input
