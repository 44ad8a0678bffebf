"""The kinds of models that Python runs. Each has `inputs`, `outputs`, `labels`, `notes`, and `run`, which takes tensors and
returns pairs of a name and a value for `encode`."""
import importlib.util
import inspect

from cluster_serving_wire import NUMERIC, from_numpy, from_torch

ANY = "any"


class Refused(Exception):
    """A model that cannot be served, in a sentence that goes behind its name."""


def info(name, type=ANY, shape=None):
    """@param shape  None where the model does not say how many axes there are"""
    if shape is None:
        return {"name": name, "type": type, "shape": [], "openRank": True}
    return {"name": name, "type": type, "shape": list(shape), **({} if len(shape) else {"openRank": False})}


class Model:
    #: Of the outputs of `run`.
    encode = staticmethod(from_numpy)
    #: Empty where whatever is sent reaches the model, by whatever name.
    inputs = ()
    #: Empty where only a run shows them.
    outputs = ()
    labels = {}
    #: What people should know of how it is computed.
    notes = ()


def named(result, is_value):
    """What a model returned, by names: those of a dict or a named tuple, else the places."""
    if is_value(result):
        return [("output", result)]
    if hasattr(result, "_asdict"):
        result = result._asdict()
    elif isinstance(result, (list, tuple)):
        result = {f"output_{i}": value for i, value in enumerate(result)}
    if isinstance(result, dict) and result and all(is_value(value) for value in result.values()):
        return [(str(name), value) for name, value in result.items()]
    raise TypeError(f"the model returned {describe(result)}, and only tensors, and lists and dicts of them, can be answered")


def describe(value):
    return f"a {type(value).__name__}" + (" without values" if isinstance(value, (dict, list, tuple)) and not value else "")


def is_tensor(value):
    import torch

    return isinstance(value, (torch.Tensor, int, float, bool))


class TorchModel(Model):
    encode = staticmethod(from_torch)

    def __init__(self, module):
        self.module = module.eval() if hasattr(module, "eval") else module

    def run(self, tensors):
        import torch

        with torch.inference_mode():
            return named(self.call([tensor.torch() for tensor in tensors]), is_tensor)

    def call(self, values):
        return self.module(*values)


class ScriptModel(TorchModel):
    """TorchScript says the names of its inputs, and neither shapes nor element types."""

    scalars = {"int": ("int64", int), "float": ("float64", float), "bool": ("bool", bool)}

    def __init__(self, module):
        super().__init__(module)
        schema = module.forward.schema
        arguments = [each for each in schema.arguments[1:] if not each.has_default_value()]
        self.takers = []
        inputs = []
        for argument in arguments:
            kind = str(argument.type)
            type, taker = self.scalars.get(kind, (ANY, None))
            if taker is None and kind != "Tensor":
                raise Refused(f'takes the input "{argument.name}" of type {kind}, and only tensors can be sent')
            inputs.append(info(argument.name, type, None if taker is None else ()))
            self.takers.append((argument.name, taker))
        self.inputs = inputs
        self.outputs = self.outputs_of([str(each.type) for each in schema.returns])

    def call(self, values):
        given = {name: taker(value.item()) if taker else value for (name, taker), value in zip(self.takers, values)}
        return self.module(**given)

    @staticmethod
    def outputs_of(types):
        """Of dicts and lists only a run shows how many there are."""
        if types == ["Tensor"]:
            return [info("output")]
        parts = types[0][1:-1].split(", ") if len(types) == 1 and types[0].startswith("(") else []
        return [info(f"output_{i}") for i, part in enumerate(parts)] if all(part == "Tensor" for part in parts) else ()


class PickledTorchModel(TorchModel):
    """A module that was pickled as a whole. It says the names of its inputs."""

    def __init__(self, module):
        super().__init__(module)
        parameters = inspect.signature(module.forward).parameters.values()
        wanted = [each for each in parameters if each.default is each.empty]
        names = [each.name for each in wanted if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
        self.inputs = [info(name) for name in names or ["input"]]


class ExportedModel(TorchModel):
    """torch.export keeps names, shapes and element types."""

    def __init__(self, program):
        import torch
        from torch.utils import _pytree as pytree

        self.pytree = pytree
        self.spec = program.call_spec.in_spec
        super().__init__(None)
        self.module = program.module()
        nodes = {node.name: node for node in program.graph.nodes}
        names = program.graph_signature.user_inputs
        if not all(isinstance(name, str) for name in names):
            raise Refused("takes inputs that are no tensors, and only tensors can be sent")
        self.inputs = [self.info_of(name, nodes[name].meta.get("val")) for name in names]
        values = [nodes[name].meta.get("val") if name in nodes else None for name in program.graph_signature.user_outputs]
        results = pytree.tree_unflatten(values, program.call_spec.out_spec)
        is_value = lambda value: value is None or isinstance(value, torch.Tensor)
        self.outputs = [self.info_of(name, value) for name, value in named(results, is_value)]

    @staticmethod
    def info_of(name, value):
        if value is None:
            return info(name)
        type = str(value.dtype).replace("torch.", "").replace("bfloat16", "float32")
        return info(name, type, [size if isinstance(size, int) else None for size in value.shape])

    def call(self, values):
        arguments, keywords = self.pytree.tree_unflatten(values, self.spec)
        return self.module(*arguments, **keywords)


class XgboostModel(Model):
    def __init__(self, booster):
        self.booster = booster
        self.inputs = [info("input", "float32", [None, booster.num_features()])]
        best = booster.attr("best_iteration")
        if best is not None:
            self.notes = [f"the training stopped early, at the iteration {best}; all {booster.num_boosted_rounds()} are computed, as Booster.predict does"]

    def run(self, tensors):
        return [("output", self.booster.inplace_predict(tensors[0].numpy(), validate_features=False))]


class LightgbmModel(Model):
    def __init__(self, booster, threads):
        self.booster, self.threads = booster, threads
        self.inputs = [info("input", "float64", [None, booster.num_feature()])]

    def run(self, tensors):
        return [("output", self.booster.predict(tensors[0].numpy(), num_threads=self.threads))]


class Estimator(Model):
    """What has scikit-learn's interface."""

    def __init__(self, estimator):
        self.estimator = estimator
        count = getattr(estimator, "n_features_in_", None)
        self.columns = getattr(estimator, "feature_names_in_", None)
        if self.columns is not None:
            self.columns = list(self.columns) if importlib.util.find_spec("pandas") else None
        if count is not None:
            self.inputs = [info("input", "float64", [None, int(count)])]
        elif reads_texts(estimator):
            self.inputs = [info("input", "string", [None])]
        else:
            self.inputs = [info("input")]
        classes = getattr(estimator, "classes_", None)
        # Of several labels at once there are several tables.
        self.has_scores = hasattr(estimator, "predict_proba") and getattr(classes, "ndim", 0) == 1
        if self.has_scores:
            self.labels = {"probabilities": [str(each) for each in classes.tolist()]}

    def run(self, tensors):
        x = tensors[0].numpy()
        if self.columns is not None and x.ndim == 2:
            import pandas

            x = pandas.DataFrame(x, columns=self.columns)
        if not hasattr(self.estimator, "predict"):
            result = self.estimator.transform(x)
            return [("output", result.toarray() if hasattr(result, "toarray") else result)]
        answer = self.estimator.predict(x)
        if not self.has_scores:
            return [("output", answer)]
        return [("label", answer), ("probabilities", self.estimator.predict_proba(x))]


def reads_texts(estimator):
    steps = getattr(estimator, "steps", None)
    first = steps[0][1] if steps else estimator
    return type(first).__module__.startswith("sklearn.feature_extraction.text")


class UserModel(Model):
    """A model.py: predict(inputs), and load(folder) where there is something to load; arrays of numpy by name, in and out.
    INPUTS and OUTPUTS may say what they are: {"x": ("float32", [None, 64])}."""

    def __init__(self, module, folder):
        self.predict = getattr(module, "predict", None)
        if not callable(self.predict):
            raise Refused("has no function predict(inputs)")
        load = getattr(module, "load", None)
        if callable(load):
            load(folder)
        self.inputs = self.declared(module, "INPUTS")
        self.outputs = self.declared(module, "OUTPUTS")

    @staticmethod
    def declared(module, name):
        infos = []
        for key, value in dict(getattr(module, name, {})).items():
            try:
                type, shape = value
                if type != "string" and type not in NUMERIC:
                    raise ValueError(type)
                infos.append(info(str(key), type, [None if size is None else int(size) for size in shape]))
            except (TypeError, ValueError):
                raise Refused(f'says {name}["{key}"] = {value!r}, and ("float32", [None, 64]) is the form') from None
        return infos

    def run(self, tensors):
        result = self.predict({tensor.name: tensor.numpy() for tensor in tensors})
        if not isinstance(result, dict) or not result:
            raise TypeError(f"predict returned {describe(result)}, and not a dict of arrays")
        return [(str(name), value.detach().cpu().numpy() if hasattr(value, "detach") else value) for name, value in result.items()]
