"""The models and activations of TensorFlow in bench/onnx_collection.py."""

import pathlib


def add_all(collection):
    try:
        import tensorflow as tf
        import tf2onnx
    except ImportError:
        return print("without tensorflow and tf2onnx")

    def write(make, path):
        model = make()
        spec = (tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="x"),)
        function = tf.function(lambda x: model(x, training=False))
        proto, _ = tf2onnx.convert.from_function(function, input_signature=spec, opset=15)
        pathlib.Path(path).write_bytes(proto.SerializeToString())

    a, k = tf.keras.applications, tf.keras.layers
    kinds = {
        "mobilenet": lambda: a.MobileNet(
            weights=None, input_shape=(64, 64, 3), alpha=0.25, classes=10
        ),
        "mobilenetv2": lambda: a.MobileNetV2(
            weights=None, input_shape=(64, 64, 3), alpha=0.35, classes=10
        ),
        "mobilenetv3": lambda: a.MobileNetV3Small(
            weights=None, input_shape=(64, 64, 3), classes=10
        ),
        "efficientnetb0": lambda: a.EfficientNetB0(
            weights=None, input_shape=(64, 64, 3), classes=10
        ),
        "densenet121": lambda: a.DenseNet121(weights=None, input_shape=(64, 64, 3), classes=10),
        "cnn": lambda: tf.keras.Sequential(
            [
                tf.keras.Input((20, 20, 3)),
                k.Conv2D(8, 3, padding="same", activation="relu"),
                k.MaxPooling2D(),
                k.Conv2D(8, 3, activation="relu"),
                k.Flatten(),
                k.Dense(10, activation="softmax"),
            ]
        ),
        "lstm": lambda: tf.keras.Sequential([tf.keras.Input((10, 6)), k.LSTM(8), k.Dense(2)]),
        "unet": lambda: tf.keras.Sequential(
            [
                tf.keras.Input((16, 16, 3)),
                k.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
                k.UpSampling2D(),
                k.Conv2DTranspose(4, 3, padding="same"),
                k.BatchNormalization(),
            ]
        ),
    }
    for name, make in kinds.items():
        collection.add("people", f"tf_{name}", lambda p, m=make: write(m, p))
    functions = {
        "relu6": tf.nn.relu6,
        "leaky_relu": tf.nn.leaky_relu,
        "elu": tf.nn.elu,
        "selu": tf.nn.selu,
        "gelu": tf.nn.gelu,
        "gelu_tanh": lambda x: tf.nn.gelu(x, True),
        "swish": tf.nn.silu,
        "softplus": tf.nn.softplus,
        "softsign": tf.nn.softsign,
        "hard_sigmoid": tf.keras.activations.hard_sigmoid,
        "mish": tf.keras.activations.mish,
        "log_sigmoid": tf.math.log_sigmoid,
    }
    for name, f in functions.items():
        net = lambda f=f: tf.keras.Sequential(
            [tf.keras.Input((8,)), k.Dense(16), k.Activation(f), k.Dense(3)]
        )
        collection.add("activations", f"tf_{name}", lambda p, m=net: write(m, p))
