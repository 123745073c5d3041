"""PyTorch's forms of Rectify's rows, at their default parameters, for pytorch_*.py.

A form is a function of (x, out) or (x, y, dy, out) that returns the result; it writes into `out`
where PyTorch can, so that no form is charged for memory that another is given. Where there are
several, all are tried and the fastest counts; the first is what PyTorch itself would call. `y` is
the output of the row for x. A row without an operator of its own is composed of as few operators as
will do, which is less than autograd would run.
"""
import torch

aten = torch.ops.aten

SELU_ALPHA, SELU_LAMBDA = 1.6732632423543772, 1.0507009873554805
RRELU_MEAN = (1 / 8 + 1 / 3) / 2
STEPS = 100


class Form:
    def __init__(self, forward, backward, composed=False, text=""):
        self.forward, self.backward = forward, backward
        self.composed, self.text = composed, text


def leaky(a, extra_forward=(), extra_backward=()):
    return Form([lambda x, out: aten.leaky_relu.out(x, a, out=out), *extra_forward],
                [lambda x, y, dy, out:
                 aten.leaky_relu_backward.grad_input(dy, x, a, False, grad_input=out),
                 *extra_backward], text="leaky_relu")


def prelu():
    a = torch.tensor([0.25])
    kernel = getattr(aten, "_prelu_kernel", None)
    if kernel is None:
        return leaky(0.25, [lambda x, out: torch.prelu(x, a)])
    form = leaky(0.25, [lambda x, out: kernel(x, a)])
    form.text = "leaky_relu or prelu"
    return form


def elu(alpha, scale, input_scale, text):
    return Form([lambda x, out: aten.elu.out(x, alpha, scale, input_scale, out=out)],
                [lambda x, y, dy, out: aten.elu_backward.grad_input(
                    dy, alpha, scale, input_scale, False, x, grad_input=out),
                 lambda x, y, dy, out: aten.elu_backward.grad_input(
                     dy, alpha, scale, input_scale, True, y, grad_input=out)], text=text)


def gelu(how):
    return Form([lambda x, out: aten.gelu.out(x, approximate=how, out=out)],
                [lambda x, y, dy, out:
                 aten.gelu_backward.grad_input(dy, x, approximate=how, grad_input=out)],
                text="gelu")


def clip(low, high, text):
    return Form([lambda x, out: aten.hardtanh.out(x, low, high, out=out),
                 lambda x, out: torch.clamp(x, low, high, out=out)],
                [lambda x, y, dy, out:
                 aten.hardtanh_backward.grad_input(dy, x, low, high, grad_input=out)], text=text)


def relu(text="relu"):
    return Form([lambda x, out: torch.clamp_min(x, 0, out=out), lambda x, out: torch.relu(x),
                 lambda x, out: aten.threshold.out(x, 0, 0, out=out)],
                [lambda x, y, dy, out:
                 aten.threshold_backward.grad_input(dy, x, 0, grad_input=out)], text=text)


def abs_tanh():
    def backward(x, y, dy, out):
        torch.tanh(x, out=out)
        aten.tanh_backward.grad_input(dy, out, grad_input=out)
        return out.mul_(torch.sign(x))
    return Form([lambda x, out: torch.tanh(x, out=out).abs_()], [backward], True, "tanh, abs")


def relu_squared():
    return Form([lambda x, out: torch.clamp_min(x, 0, out=out).square_()],
                [lambda x, y, dy, out: torch.clamp_min(x, 0, out=out).mul_(dy).mul_(2)],
                True, "relu, square")


def softsign():
    def forward(x, out):
        torch.abs(x, out=out)
        return torch.div(x, out.add_(1), out=out)

    def backward(x, y, dy, out):
        torch.abs(x, out=out)
        return torch.div(dy, out.add_(1).square_(), out=out)
    return Form([forward], [backward], True, "abs, add, div, as its nn.Softsign")


def stepped_sigmoid():
    def forward(x, out):
        out.zero_()
        for i in range(STEPS):
            out += torch.sigmoid(x - (i + 0.5))
        return out

    def backward(x, y, dy, out):
        out.zero_()
        for i in range(STEPS):
            s = torch.sigmoid(x - (i + 0.5))
            out += aten.sigmoid_backward(dy, s)
        return out
    return Form([forward], [backward], True, "a hundred sigmoids")


def one(name, backward_of_output=False):
    """An operator NAME whose backward is NAME_backward of x, or of y."""
    packet, back = getattr(aten, name), getattr(aten, name + "_backward")

    def backward(x, y, dy, out):
        saved = y if backward_of_output else x
        if hasattr(back, "grad_input"):
            return back.grad_input(dy, saved, grad_input=out)
        return back(dy, saved)
    return Form([lambda x, out: packet.out(x, out=out)], [backward], text=name)


def forms():
    return {
        "identity": Form([lambda x, out: out.copy_(x)], [lambda x, y, dy, out: out.copy_(dy)],
                         text="copy"),
        "relu": relu(),
        "leaky_relu": leaky(0.01),
        "prelu": prelu(),
        "rrelu": leaky(RRELU_MEAN),
        "elu": elu(1, 1, 1, "elu"),
        "celu": elu(1, 1, 1, "celu"),
        "selu": elu(SELU_ALPHA, SELU_LAMBDA, 1, "selu"),
        "gelu": gelu("none"),
        "gelu_tanh": gelu("tanh"),
        "silu": one("silu"),
        "mish": one("mish"),
        "softplus": Form([lambda x, out: aten.softplus.out(x, 1, 20, out=out)],
                         [lambda x, y, dy, out:
                          aten.softplus_backward.grad_input(dy, x, 1, 20, grad_input=out)],
                         text="softplus"),
        "sigmoid": one("sigmoid", True),
        "tanh": one("tanh", True),
        "hard_tanh": clip(-1.0, 1.0, "hardtanh"),
        "abs_tanh": abs_tanh(),
        "relu6": clip(0.0, 6.0, "relu6"),
        "hard_swish": one("hardswish"),
        "hard_sigmoid": one("hardsigmoid"),
        "relu_squared": relu_squared(),
        "softsign": softsign(),
        "threshold_relu": Form([lambda x, out: aten.threshold.out(x, 1, 0, out=out)],
                               [lambda x, y, dy, out:
                                aten.threshold_backward.grad_input(dy, x, 1, grad_input=out)],
                               text="threshold"),
        "stepped_sigmoid": stepped_sigmoid(),
        "noisy_relu": relu("relu"),
    }
