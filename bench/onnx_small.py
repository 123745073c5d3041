"""The activations and the small networks of bench/onnx_collection.py."""

import pathlib


def activations(collection, script, dynamo):
    import torch
    from torch import nn

    class Of(nn.Module):
        def __init__(self, f):
            super().__init__()
            self.f = f

        def forward(self, x):
            return self.f(x)

    rows = {
        "relu": nn.ReLU(),
        "leaky_relu": nn.LeakyReLU(0.1),
        "prelu": nn.PReLU(16),
        "elu": nn.ELU(1.5),
        "celu": nn.CELU(0.7),
        "selu": nn.SELU(),
        "gelu": nn.GELU(),
        "gelu_tanh": nn.GELU("tanh"),
        "silu": nn.SiLU(),
        "mish": nn.Mish(),
        "hardswish": nn.Hardswish(),
        "hardsigmoid": nn.Hardsigmoid(),
        "hardtanh": nn.Hardtanh(-0.5, 2.0),
        "relu6": nn.ReLU6(),
        "softplus": nn.Softplus(),
        "softplus_b": nn.Softplus(2.0, 3.0),
        "softsign": nn.Softsign(),
        "tanhshrink": nn.Tanhshrink(),
        "softshrink": nn.Softshrink(0.4),
        "hardshrink": nn.Hardshrink(0.3),
        "logsigmoid": nn.LogSigmoid(),
        "threshold": nn.Threshold(0.2, -1.0),
        "relu_squared": Of(lambda x: torch.relu(x) ** 2),
    }
    for name, row in rows.items():

        def net(row=row):
            torch.manual_seed(3)
            return nn.Sequential(nn.Linear(8, 16), row, nn.Linear(16, 3))

        if name != "relu_squared":
            collection.add(
                "activations", f"ts_{name}", lambda p, n=net: script(n(), (torch.randn(1, 8),), p)
            )
        if name not in (
            "relu",
            "leaky_relu",
            "softsign",
            "relu6",
            "selu",
            "prelu",
            "elu",
            "celu",
            "tanhshrink",
            "mish",
            "softplus",
            "hardsigmoid",
            "hardswish",
        ):
            collection.add(
                "activations",
                f"dy_{name}",
                lambda p, n=net: dynamo(n(), (torch.randn(2, 8),), p, batch=True),
            )


def networks(torch):
    """Small networks: a name, the module, an example, and the axes that stay open."""
    from torch import nn
    import torch.nn.functional as F

    class Of(nn.Module):
        def __init__(self, f, *layers):
            super().__init__()
            self.f, self.layers = f, nn.ModuleList(layers)

        def forward(self, *x):
            return self.f(self.layers, *x)

    rows, image, line = torch.randn(1, 8), torch.randn(1, 3, 16, 16), torch.randn(1, 4, 30)
    steps = torch.randn(1, 9, 6)
    yield "mlp", nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 3)), rows
    yield "mlp_batchnorm", nn.Sequential(
        nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 3)
    ), rows
    yield "mlp_layernorm", nn.Sequential(
        nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 3)
    ), rows
    yield "logsoftmax", nn.Sequential(nn.Linear(8, 5), nn.LogSoftmax(1)), rows
    yield "cnn", nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 4)
    ), image
    yield "cnn_stride", nn.Sequential(
        nn.Conv2d(3, 8, 5, 2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 4),
    ), image
    yield "groupnorm", nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.GroupNorm(4, 8),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 4),
    ), image
    yield "instancenorm", nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.InstanceNorm2d(8, affine=True),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(1568, 4),
    ), image
    yield "avgpool_pad", nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.AvgPool2d(3, 2, padding=1), nn.Flatten(), nn.Linear(196, 4)
    ), image
    yield "avgpool_ceil", nn.Sequential(
        nn.AvgPool2d(3, 2, ceil_mode=True, count_include_pad=False), nn.Flatten(), nn.Linear(192, 4)
    ), image
    yield "conv1d", nn.Sequential(
        nn.Conv1d(4, 8, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(120, 3)
    ), line
    yield "conv_transpose", nn.Sequential(
        nn.Conv2d(3, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 3, 4, 2, 1)
    ), image
    yield "upsample_nearest", nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Upsample(scale_factor=2), nn.Conv2d(4, 2, 3)
    ), image
    yield "upsample_bilinear", nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(4, 2, 3)
    ), image
    yield "pixelshuffle", nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2)), image
    yield "reflect", nn.Sequential(
        nn.ReflectionPad2d(1), nn.Conv2d(3, 4, 3), nn.ZeroPad2d((0, 1, 2, 1)), nn.Conv2d(4, 2, 3)
    ), image
    yield "depthwise", nn.Sequential(
        nn.Conv2d(3, 6, 3, groups=3),
        nn.Conv2d(6, 4, 1),
        nn.Hardswish(),
        nn.Flatten(),
        nn.Linear(784, 3),
    ), image
    yield "chunks", Of(
        lambda l, x: torch.cat([F.relu(p) for p in l[0](x).chunk(2, 1)][::-1], 1)[:, 1:-1],
        nn.Linear(8, 12),
    ), rows
    yield "reducemax", Of(
        lambda l, x: l[1](l[0](x).amax((2, 3))), nn.Conv2d(3, 8, 3), nn.Linear(8, 3)
    ), image
    yield "normalise", Of(lambda l, x: F.normalize(l[0](x), dim=1), nn.Linear(8, 6)), rows
    yield "lstm", Of(
        lambda l, x: l[1](l[0](x)[0][:, -1]), nn.LSTM(6, 10, batch_first=True), nn.Linear(10, 3)
    ), steps
    yield "bilstm", Of(
        lambda l, x: l[1](l[0](x)[0]),
        nn.LSTM(6, 10, 2, batch_first=True, bidirectional=True),
        nn.Linear(20, 3),
    ), steps
    yield "gru", Of(
        lambda l, x: l[1](l[0](x)[0].mean(1)), nn.GRU(6, 10, batch_first=True), nn.Linear(10, 3)
    ), steps
    yield "rnn", Of(
        lambda l, x: l[1](l[0](x)[0][:, -1]),
        nn.RNN(6, 10, batch_first=True, nonlinearity="relu"),
        nn.Linear(10, 3),
    ), steps
    yield "attention", Of(
        lambda l, x: l[0](x, x, x)[0], nn.MultiheadAttention(6, 2, batch_first=True)
    ), steps
    yield "encoder", nn.TransformerEncoder(
        nn.TransformerEncoderLayer(6, 2, 12, batch_first=True), 2, enable_nested_tensor=False
    ), steps
    yield "embedding", Of(
        lambda l, x: l[1](l[0](x).mean(1)), nn.Embedding(30, 8), nn.Linear(8, 3)
    ), torch.randint(0, 30, (1, 7))


def pytorch(collection, script, dynamo):
    import torch

    torch.manual_seed(2)
    for name, module, example in networks(torch):
        collection.add("small", f"torch_{name}", lambda p, m=module, x=example: script(m, (x,), p))
    open_axes = {"x": {0: "batch", 2: "height", 3: "width"}}
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 4),
    )
    collection.add(
        "small",
        "torch_open_size",
        lambda p: script(net, (torch.randn(1, 3, 16, 16),), p, open_axes),
    )


def scikit(collection):
    try:
        import numpy as np
        from skl2onnx import to_onnx
        from sklearn import (
            decomposition,
            discriminant_analysis,
            linear_model,
            naive_bayes,
            neural_network,
            preprocessing,
            svm,
        )
        from sklearn.pipeline import make_pipeline
    except ImportError:
        return print("without skl2onnx and scikit-learn")
    random = np.random.default_rng(1)
    x = random.normal(size=(120, 5)).astype("f4")
    two, three = (x[:, 0] + x[:, 1] > 0).astype("i8"), (np.argmax(x[:, :3], 1)).astype("i8")
    number, both = x[:, 0] * 2 + x[:, 1], x[:, :2] * 2 + 1
    net = dict(hidden_layer_sizes=(8,), max_iter=60, random_state=1)
    scaled = preprocessing.StandardScaler
    models = {
        "mlp_classifier": (neural_network.MLPClassifier(**net), three),
        "mlp_binary": (neural_network.MLPClassifier(**net), two),
        "mlp_regressor": (neural_network.MLPRegressor(**net), number),
        "mlp_tanh": (neural_network.MLPRegressor(activation="tanh", **net), both),
        "logistic": (linear_model.LogisticRegression(), three),
        "logistic_binary": (linear_model.LogisticRegression(), two),
        "linear": (linear_model.LinearRegression(), number),
        "ridge": (linear_model.Ridge(), both),
        "sgd": (linear_model.SGDClassifier(), three),
        "scaled_mlp": (make_pipeline(scaled(), neural_network.MLPClassifier(**net)), three),
        "scaled_linear": (
            make_pipeline(preprocessing.MinMaxScaler(), linear_model.LinearRegression()),
            number,
        ),
        "pca_logistic": (
            make_pipeline(scaled(), decomposition.PCA(3), linear_model.LogisticRegression()),
            three,
        ),
        "lda": (discriminant_analysis.LinearDiscriminantAnalysis(), three),
        "naive_bayes": (naive_bayes.GaussianNB(), three),
        "normalizer": (
            make_pipeline(preprocessing.Normalizer(), linear_model.LogisticRegression()),
            three,
        ),
        "linear_svc": (svm.LinearSVC(), three),
    }
    for name, (model, y) in models.items():

        def write(path, model=model, y=y):
            model.fit(x, y)
            zipmap = {} if name_of(model) else {"options": {id(model): {"zipmap": False}}}
            pathlib.Path(path).write_bytes(
                to_onnx(model, x[:1], target_opset=17, **zipmap).SerializeToString()
            )

        collection.add("small", f"sk_{name}", write)


def name_of(model):
    """Whether its converter makes a map of probabilities by class, or none at all."""
    return not hasattr(model, "predict_proba") or "Pipeline" in type(model).__name__


def add_all(collection, exporters):
    try:
        script, dynamo = exporters()
        activations(collection, script, dynamo)
        pytorch(collection, script, dynamo)
    except ImportError:
        print("without torch")
    scikit(collection)
