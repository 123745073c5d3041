"""The networks of bench/workloads.py that are no MLPs, in PyTorch with Rectify's weights."""
import torch
from torch import nn


class Layers:
    """Makes layers in the order of a model's text, by which Rectify numbers their labels."""

    def __init__(self, tensors):
        self.tensors, self.made = tensors, {}

    def label(self, kind):
        self.made[kind] = self.made.get(kind, 0) + 1
        return f"{kind}{self.made[kind]}"

    def conv_norm(self, channels, units, size, stride=1):
        conv = nn.Conv2d(channels, units, size, stride, size // 2, bias=False)
        norm = nn.BatchNorm2d(units)
        conv_label, norm_label = self.label("conv"), self.label("batch_norm")
        with torch.no_grad():
            conv.weight.copy_(self.tensors[conv_label + ".weight"].permute(3, 2, 0, 1))
            norm.weight.copy_(self.tensors[norm_label + ".scale"])
            norm.bias.copy_(self.tensors[norm_label + ".shift"])
        return nn.Sequential(conv, norm)

    def conv(self, channels, units, size):
        layer, label = nn.Conv2d(channels, units, size, 1, size // 2), self.label("conv")
        with torch.no_grad():
            layer.weight.copy_(self.tensors[label + ".weight"].permute(3, 2, 0, 1))
            layer.bias.copy_(self.tensors[label + ".bias"])
        return layer

    def dense(self, inputs, units):
        layer, label = nn.Linear(inputs, units), self.label("dense")
        with torch.no_grad():
            layer.weight.copy_(self.tensors[label + ".weight"].T)
            layer.bias.copy_(self.tensors[label + ".bias"])
        return layer


class Residual(nn.Module):
    def __init__(self, layers, channels, units, stride):
        super().__init__()
        self.body = nn.Sequential(layers.conv_norm(channels, units, 3, stride),
                                  nn.ReLU(inplace=True), layers.conv_norm(units, units, 3))
        self.shortcut = (nn.Identity() if stride == 1
                         else layers.conv_norm(channels, units, 1, stride))

    def forward(self, x):
        return torch.relu_(self.body(x) + self.shortcut(x))


def resnet20(tensors):
    layers = Layers(tensors)
    parts = [layers.conv_norm(3, 16, 3), nn.ReLU(inplace=True)]
    channels = 16
    for units in (16, 32, 64):
        for block in range(3):
            stride = 2 if block == 0 and units > 16 else 1
            parts.append(Residual(layers, channels, units, stride))
            channels = units
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), layers.dense(64, 10))


def vgg11(tensors):
    layers, parts, channels = Layers(tensors), [], 3
    for units, count in ((64, 1), (128, 1), (256, 2), (512, 2), (512, 2)):
        for _ in range(count):
            parts += [layers.conv(channels, units, 3), nn.ReLU(inplace=True)]
            channels = units
        parts.append(nn.MaxPool2d(2))
    parts.append(nn.Flatten())
    for _ in range(2):
        parts += [layers.dense(512, 512), nn.ReLU(inplace=True)]
    return nn.Sequential(*parts, layers.dense(512, 10))


NETWORKS = {"resnet20": resnet20, "vgg11": vgg11}
