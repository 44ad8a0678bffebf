"""Converts a model to ONNX and compares both on random inputs. Gets one argument, JSON: type, file, out, inputs (shapes by
name, where the model does not say them) and allowPickle. Its last line on the standard output is JSON: the largest error, or
what went wrong. No package but those of the model's framework is needed."""
import json
import os
import sys

ROWS = 3


def main():
    request = json.loads(sys.argv[1])
    # What a framework prints is no answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        result = convert(request)
    except Exception as error:  # noqa: BLE001: whatever a framework throws is shown
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), file=answer, flush=True)


def convert(request):
    kind, file, out = request["type"], request["file"], request["out"]
    run, feeds = CONVERTERS[kind](request, file, out)
    return compare(run, feeds, out)


def random(shape, kind="float32"):
    import numpy as np

    source = np.random.default_rng(7)
    shape = [ROWS if size is None else size for size in shape]
    if kind.startswith(("int", "uint")):
        return source.integers(0, 3, size=shape).astype(kind)
    return source.normal(size=shape).astype(kind)


def compare(run, feeds, out):
    """run: what the framework answers, as arrays in the order of the ONNX model's outputs, or by their names."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    given = feeds if isinstance(feeds, dict) else dict(zip(names, feeds))
    found = session.run(None, given)
    wanted = run()
    outputs = [value.name for value in session.get_outputs()]
    if isinstance(wanted, dict):
        wanted = [wanted.get(name, wanted.get(name.split(":")[0])) for name in outputs]
    errors, unlike, compared = [], 0, 0
    for one, other in zip(found, wanted):
        if other is None:
            continue
        one, other = np.asarray(one), np.asarray(other)
        compared += 1
        if other.dtype.kind in "fc" and one.dtype.kind in "fc":
            both = one.reshape(-1).astype("float64"), other.reshape(-1).astype("float64")
            if both[0].shape != both[1].shape:
                raise ValueError(f"the ONNX model answers the shape {one.shape}, and the model itself {other.shape}")
            errors.append(float(np.max(np.abs(both[0] - both[1]))) if both[0].size else 0.0)
        else:
            unlike += int(np.sum(one.reshape(-1).astype(str) != other.reshape(-1).astype(str)))
    if compared == 0:
        raise ValueError(f"no output of the model itself is called like one of the ONNX model ({', '.join(outputs)})")
    return {"largestError": max(errors, default=0.0), "unlike": unlike, "inputs": names, "outputs": outputs}


def torchscript(request, file, out):
    import torch

    if request["isPickle"]:
        module = torch.load(file, map_location="cpu", weights_only=False)
        if not isinstance(module, torch.nn.Module):
            module = module()
    else:
        module = torch.jit.load(file, map_location="cpu")
    module.eval()
    names = list(request["inputs"])
    examples = tuple(torch.from_numpy(random(shape)) for shape in request["inputs"].values())
    answer = module(*examples)
    outputs = list(answer) if isinstance(answer, dict) else ["output"]
    if isinstance(answer, (tuple, list)) and len(answer) > 1:
        outputs = [f"output_{i}" for i in range(len(answer))]
    open_axes = {name: {0: "batch"} for name, shape in request["inputs"].items() if shape and shape[0] is None}
    open_axes |= {name: {0: "batch"} for name in outputs} if open_axes else {}
    torch.onnx.export(module, examples, out, input_names=names, output_names=outputs, dynamic_axes=open_axes, dynamo=False)
    return lambda: flat(answer), [each.numpy() for each in examples]


def flat(answer):
    values = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, (tuple, list)) else [answer]
    return [each.detach().numpy() for each in values]


def torchexport(request, file, out):
    import torch

    program = torch.export.load(file)
    torch.onnx.export(program, (), out)
    args, kwargs = program.example_inputs
    return lambda: flat(program.module()(*args, **kwargs)), [each.numpy() for each in args]


def saved_model(request, file, out):
    return tensorflow_model(os.path.dirname(file), out)


def keras(request, file, out):
    import tempfile

    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        tf.keras.models.load_model(file, compile=False).export(folder)
        return tensorflow_model(folder, out)


def tensorflow_model(folder, out):
    import tensorflow as tf
    import tf2onnx

    loaded = tf.saved_model.load(folder)
    function = loaded.signatures["serving_default"]
    specs = function.structured_input_signature[1]
    given = {name: random([None if size is None else size for size in spec.shape], spec.dtype.name) for name, spec in specs.items()}
    tf2onnx_run("--saved-model", folder, "--output", out)
    answers = {name: value.numpy() for name, value in function(**{name: tf.constant(value) for name, value in given.items()}).items()}
    return lambda: answers, given


def frozen(request, file, out):
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef()
    with open(file, "rb") as stream:
        graph.ParseFromString(stream.read())
    with open(os.path.join(os.path.dirname(file), "graph_meta.json"), encoding="utf8") as stream:
        meta = json.load(stream)
    ins, outs = meta["input_names"], meta["output_names"]
    pruned = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph, name=""), []).prune(ins, outs)
    given = {name: random(list(tensor.shape), tensor.dtype.name) for name, tensor in zip(ins, pruned.inputs)}
    tf2onnx_run("--graphdef", file, "--inputs", ",".join(ins), "--outputs", ",".join(outs), "--output", out)
    answers = [value.numpy() for value in pruned(*[tf.constant(value) for value in given.values()])]
    return lambda: dict(zip(outs, answers)), given


def tflite(request, file, out):
    import tensorflow as tf

    tf2onnx_run("--tflite", file, "--output", out)
    interpreter = tf.lite.Interpreter(model_path=file)
    inputs = interpreter.get_input_details()
    given = {}
    for each in inputs:
        value = random([None if size < 0 else size for size in each["shape_signature"]], each["dtype"].__name__)
        interpreter.resize_tensor_input(each["index"], value.shape)
        given[each["name"]] = value
    interpreter.allocate_tensors()
    for each in inputs:
        interpreter.set_tensor(each["index"], given[each["name"]])
    interpreter.invoke()
    answers = {each["name"]: interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()}
    return lambda: answers, given


def tf2onnx_run(*args):
    import subprocess

    done = subprocess.run([sys.executable, "-m", "tf2onnx.convert", *args], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().split("\n")[-1])


def sklearn(request, file, out):
    import importlib.util
    import pickle

    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    if importlib.util.find_spec("joblib"):
        import joblib

        model = joblib.load(file)
    else:
        with open(file, "rb") as stream:
            model = pickle.load(stream)
    width = getattr(model, "n_features_in_", None)
    if width is None:
        raise ValueError("the model does not say how many columns it takes, so it cannot be tried on random inputs")
    rows = random([None, width])
    is_classifier = hasattr(model, "predict_proba")
    options = {id(model): {"zipmap": False}} if is_classifier else None
    proto = to_onnx(model, initial_types=[("input", FloatTensorType([None, width]))], options=options)
    write(proto, out)
    if is_classifier:
        return lambda: [model.predict(rows), model.predict_proba(rows)], [rows]
    return lambda: [model.predict(rows)], [rows]


def xgboost(request, file, out):
    import onnxmltools
    import xgboost as xgb
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = xgb.Booster(model_file=file)
    width = booster.num_features()
    # The converter takes numbers for the names of columns only.
    booster.feature_names = None
    write(onnxmltools.convert_xgboost(booster, initial_types=[("input", FloatTensorType([None, width]))]), out)
    rows = random([None, width])
    return lambda: probabilities(booster.predict(xgb.DMatrix(rows)), out), [rows]


def lightgbm(request, file, out):
    import lightgbm as lgb
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = lgb.Booster(model_file=file)
    width = booster.num_feature()
    write(onnxmltools.convert_lightgbm(booster, initial_types=[("input", FloatTensorType([None, width]))], zipmap=False), out)
    rows = random([None, width])
    return lambda: probabilities(booster.predict(rows), out), [rows]


def probabilities(answer, out):
    """A classifier has its label before them, which the booster itself does not answer."""
    import numpy as np
    import onnx

    if len(onnx.load(out).graph.output) == 1:
        return [answer]
    return [None, np.stack([1 - answer, answer], axis=1) if answer.ndim == 1 else answer]


def write(proto, out):
    with open(out, "wb") as stream:
        stream.write(proto.SerializeToString())


CONVERTERS = {
    "pytorch": torchscript,
    "pytorchExport": torchexport,
    "tensorflowSavedModel": saved_model,
    "tensorflowFrozenModel": frozen,
    "tensorflowLite": tflite,
    "keras": keras,
    "pickle": sklearn,
    "xgboost": xgboost,
    "lightgbm": lightgbm,
}

main()
