"""Writes the small models of test/fixtures/python, each by its own framework, with answers of that framework beside it.

Run it with the Python that scripts/machine/setup.mjs prepares for the tests: .cache/frameworks/bin/python."""
import json
import pickle
import shutil
import sys
import types
from collections import OrderedDict
from pathlib import Path

import cloudpickle
import joblib
import lightgbm
import numpy as np
import torch
import xgboost
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

OUT = Path(__file__).parent.parent.parent / "test" / "fixtures" / "python"
RANDOM = np.random.default_rng(17)
torch.manual_seed(17)


def folder(name):
    path = OUT / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def plain(value):
    array = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    kind = "string" if array.dtype.kind in "USO" else array.dtype.name
    data = array.ravel().tolist() if kind == "string" else array.astype(np.float64).ravel().tolist()
    return {"type": kind, "shape": list(array.shape), "data": data}


def save_answers(name, inputs, outputs):
    """What the framework says for some inputs, the outputs in the order in which they are served."""
    answers = {"inputs": {key: plain(value) for key, value in inputs.items()}, "outputs": {key: plain(value) for key, value in outputs.items()}}
    (OUT / f"{name}.json").write_text(json.dumps(answers) + "\n")


class Net(torch.nn.Module):
    """A tiny network on images."""

    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 4, 3, stride=2)
        self.dense = torch.nn.Linear(4, 5)

    def forward(self, image):
        x = torch.relu(self.convolution(image)).mean(dim=(2, 3))
        return torch.softmax(self.dense(x), dim=1)


class Two(torch.nn.Module):
    """Two inputs of different types, two outputs."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(6, 3)

    def forward(self, values, ids):
        rows = self.table(ids)
        return (values + rows).sum(dim=1), rows * 2


class Named(torch.nn.Module):
    """Outputs that only a run shows."""

    def forward(self, x):
        return {"total": x.sum(dim=1), "twice": x * 2}


def torch_models():
    image = torch.rand(3, 3, 8, 8)
    net = Net().eval()
    scores = net(image)
    torch.jit.script(net).save(folder("script") / "net.pt")
    save_answers("script", {"image": image}, {"output": scores})
    torch.jit.trace(net, (image[:1],)).save(folder("traced") / "net.pt")
    save_answers("traced", {"image": image}, {"output": scores})

    values, ids = torch.rand(4, 3), torch.tensor([0, 5, 2, 2])
    two = Two().eval()
    total, rows = two(values, ids)
    torch.jit.script(two).save(folder("two") / "two.pt")
    save_answers("two", {"values": values, "ids": ids}, {"output_0": total, "output_1": rows})

    x = torch.rand(2, 3)
    torch.jit.script(NamedScript()).save(folder("named") / "named.pt")
    save_answers("named", {"x": x}, Named()(x))

    batch = torch.export.Dim("batch")
    program = torch.export.export(net, (image,), dynamic_shapes=({0: batch},))
    torch.export.save(program, folder("export") / "net.pt2")
    save_answers("export", {"image": image}, {"output": scores})
    program = torch.export.export(two, (values, ids), dynamic_shapes=({0: batch}, {0: batch}))
    torch.export.save(program, folder("exportTwo") / "two.pt2")
    save_answers("exportTwo", {"values": values, "ids": ids}, {"output_0": total, "output_1": rows})

    # As the original documents it: the whole module, with its class, by cloudpickle's Pickler and pickle's Unpickler.
    original = types.ModuleType("zoo_pickle_module")
    original.Pickler, original.Unpickler, original.dump, original.load = cloudpickle.Pickler, pickle.Unpickler, cloudpickle.dump, pickle.load
    original.__dict__.update(dumps=cloudpickle.dumps, loads=pickle.loads, HIGHEST_PROTOCOL=pickle.HIGHEST_PROTOCOL)
    torch.save(net, folder("pickled") / "net.pt", pickle_module=original)
    save_answers("pickled", {"image": image}, {"output": scores})
    torch.save(torch.nn.Sequential(torch.nn.Linear(3, 2)), folder("pickledOld") / "net.pt", _use_new_zipfile_serialization=False)

    torch.save(net.state_dict(), folder("stateDict") / "net.pt")
    torch.save(net.state_dict(), folder("stateDictOld") / "net.pt", _use_new_zipfile_serialization=False)
    checkpoint = {"model": net.state_dict(), "epoch": 3, "lr": 0.1, "names": ["a", "b"]}
    torch.save(checkpoint, folder("checkpoint") / "net.pt")
    torch.save(OrderedDict(weights=torch.rand(2, dtype=torch.float16), n=np.float64(2)), folder("weights") / "net.pt")


class NamedScript(Named):
    def forward(self, x) -> dict[str, torch.Tensor]:
        return {"total": x.sum(dim=1), "twice": x * 2}


def tables():
    x = RANDOM.normal(size=(60, 4))
    classes = np.array(["no", "perhaps", "yes"])[(x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)]
    rows = RANDOM.normal(size=(5, 4))

    classifier = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, classes)
    joblib.dump(classifier, folder("classifier") / "model.joblib", compress=3)
    save_answers("classifier", {"input": rows}, {"label": classifier.predict(rows), "probabilities": classifier.predict_proba(rows)})

    forest = RandomForestRegressor(n_estimators=3, max_depth=3, random_state=1).fit(x, x[:, 2] * 3)
    (folder("forest") / "model.pkl").write_bytes(pickle.dumps(forest))
    save_answers("forest", {"input": rows}, {"output": forest.predict(rows)})

    texts = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["a good day", "a bad day", "good", "bad"], [1, 0, 1, 0])
    joblib.dump(texts, folder("texts") / "model.joblib")
    asked = ["a good one", "bad bad"]
    save_answers("texts", {"input": asked}, {"label": texts.predict(asked), "probabilities": texts.predict_proba(asked)})

    numbers = np.unique(classes, return_inverse=True)[1]
    boosted = xgboost.XGBClassifier(n_estimators=4, max_depth=2).fit(x, numbers)
    small = rows.astype(np.float32)
    answers = boosted.get_booster().predict(xgboost.DMatrix(small))
    for name, file in [("xgboost", "model.json"), ("xgboostBinary", "model.ubj")]:
        boosted.save_model(folder(name) / file)
        save_answers(name, {"input": small}, {"output": answers})

    booster = lightgbm.train({"verbose": -1, "min_data_in_leaf": 3}, lightgbm.Dataset(x, x[:, 3]), 4)
    booster.save_model(folder("lightgbm") / "model.txt")
    save_answers("lightgbm", {"input": rows}, {"output": booster.predict(rows)})


def programs():
    texts = {
        "program": "\n".join(
            [
                '"""Scales what it gets by the factor beside it."""',
                "from pathlib import Path",
                "",
                "import numpy as np",
                "",
                "factor = None",
                "",
                "",
                "def load(folder):",
                "    global factor",
                '    factor = float((Path(folder) / "factor.txt").read_text())',
                '    print("loaded from", Path(folder).name)',
                "",
                "",
                "def predict(inputs):",
                '    return {name: value * np.asarray(factor, value.dtype) for name, value in inputs.items()}',
            ]
        ),
        "declared": "\n".join(
            [
                '"""Says what it takes, so that batches can be tried."""',
                'INPUTS = {"x": ("float32", [None, 64])}',
                'OUTPUTS = {"y": ("float32", [None, 64])}',
                "",
                "",
                "def predict(inputs):",
                '    return {"y": inputs["x"] * 2}',
            ]
        ),
    }
    for name, text in texts.items():
        (folder(name) / "model.py").write_text(text + "\n")
    (OUT / "program" / "factor.txt").write_text("3\n")


if __name__ == "__main__":
    # Classes of this file are pickled by value, as those of a notebook are.
    cloudpickle.register_pickle_by_value(sys.modules["__main__"])
    torch_models()
    tables()
    programs()
