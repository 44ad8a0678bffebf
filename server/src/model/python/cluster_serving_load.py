"""Loads a model by its type."""
import importlib.util
import inspect
import os
import pickle
import sys

from cluster_serving_models import (
    Estimator,
    ExportedModel,
    LightgbmModel,
    PickledTorchModel,
    Refused,
    ScriptModel,
    UserModel,
    XgboostModel,
    describe,
)


def load(request):
    type, file, threads = request["type"], request["file"], request["threads"]
    if request["isPickle"] and not request["allowPickle"]:
        raise Refused("is a pickle, which runs code when it is loaded; allowPickle: true is needed")
    if type in ("pytorch", "pytorchExport"):
        import torch

        torch.set_num_threads(threads)
    if type == "pytorch":
        if request["isPickle"]:
            return model_of(torch.load(file, map_location="cpu", weights_only=False), threads)
        return ScriptModel(torch.jit.load(file, map_location="cpu"))
    if type == "pytorchExport":
        return ExportedModel(torch.export.load(file))
    if type == "xgboost":
        import xgboost

        return XgboostModel(xgboost.Booster({"nthread": threads}, model_file=file))
    if type == "lightgbm":
        import lightgbm

        return LightgbmModel(lightgbm.Booster(model_file=file), threads)
    if type == "pickle":
        return model_of(unpickled(file), threads)
    folder = os.path.dirname(file)
    os.chdir(folder)
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location("model", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["model"] = module
    spec.loader.exec_module(module)
    return UserModel(module, folder)


def unpickled(file):
    # joblib reads both its own files and plain pickles.
    if file.endswith(".joblib") or importlib.util.find_spec("joblib"):
        import joblib

        return joblib.load(file)
    with open(file, "rb") as stream:
        return pickle.load(stream)


def model_of(value, threads):
    """What a pickle held."""
    if inspect.isclass(value) or inspect.isfunction(value):
        # The original takes a class or a function for what makes the model.
        value = value()
    kind = type(value)
    package = kind.__module__.split(".")[0]
    if package == "xgboost" and kind.__name__ == "Booster":
        value.set_param({"nthread": threads})
        return XgboostModel(value)
    if package == "lightgbm" and kind.__name__ == "Booster":
        return LightgbmModel(value, threads)
    if "torch" in sys.modules:
        import torch

        if isinstance(value, torch.jit.ScriptModule):
            return ScriptModel(value)
        if isinstance(value, torch.nn.Module):
            torch.set_num_threads(threads)
            return PickledTorchModel(value)
    if hasattr(value, "predict") or hasattr(value, "transform"):
        return Estimator(value)
    raise Refused(f"holds {describe(value)}, which has no predict, no transform and no forward")
