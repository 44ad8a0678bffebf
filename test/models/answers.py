"""Records for real models and what ONNX Runtime or LiteRT in Python answers to each of them alone.

usage: answers.py MODELS RECORDS OUT, where MODELS is JSON: a list of {name, file, inputs: {name: how}, twin?}
writes OUT/answers.json, whose tensors lie in OUT/answers.bin. The spread of an output is how far LiteRT's two sets of
kernels are from each other, as a share of its largest value (at least 1): what of it is rounding alone.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

models, records, out = json.loads(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])


def make(rng, how, record):
    """how: {"shape"}: floats from -scale to scale; with "below": whole numbers; with "values": one of these."""
    shape, kind = how["shape"], how.get("type", "float32")
    if "values" in how:
        return np.array(how["values"][record % len(how["values"])], kind)
    if "below" in how:
        return rng.integers(0, how["below"], shape).astype(kind)
    return ((rng.random(shape) * 2 - 1) * how.get("scale", 1)).astype(kind)


def onnx(file, names=None):
    """Returns a function from arrays, in the order of the model's inputs, to pairs of name and array."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(file, options)
    inputs = [i.name for i in session.get_inputs()]
    outputs = names or [o.name for o in session.get_outputs()]
    # A twin may call its inputs otherwise.
    return lambda feeds: zip(outputs, session.run(outputs, dict(zip(inputs, ordered(feeds, inputs)))))


def ordered(feeds, names):
    return [feeds[name] for name in names] if set(names) == set(feeds) else list(feeds.values())


def lite(file, kernels="AUTO"):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(file, num_threads=1, experimental_op_resolver_type=OpResolverType[kernels])
    interpreter.allocate_tensors()
    [entry] = interpreter.get_input_details()

    def run(feeds):
        [feed] = feeds.values()
        interpreter.set_tensor(entry["index"], feed)
        interpreter.invoke()
        return [(o["name"], interpreter.get_tensor(o["index"])) for o in interpreter.get_output_details()]

    return run


def answering(model):
    if "twin" in model:
        return onnx(model["twin"]["file"], model["twin"]["outputs"])
    return lite(model["file"]) if model["file"].endswith(".tflite") else onnx(model["file"])


def spread(answer, other):
    return float(np.abs(answer - other).max() / max(1, np.abs(answer).max()))


def main():
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "answers.bin", "wb") as data:

        def describe(name, array):
            at = data.tell()
            data.write(np.ascontiguousarray(array).tobytes())
            return {"name": name, "type": str(array.dtype), "shape": array.shape, "at": at, "bytes": array.nbytes}

        found = []
        for model in models:
            run = answering(model)
            again = lite(model["file"], "BUILTIN_WITHOUT_DEFAULT_DELEGATES") if model.get("isHalf") else None
            rng = np.random.default_rng(7)
            asked, spreads = [], []
            for record in range(records):
                feeds = {name: make(rng, how, record) for name, how in model["inputs"].items()}
                answers = [(name, value.copy()) for name, value in run(feeds)]
                asked.append({
                    "inputs": [describe(name, value) for name, value in feeds.items()],
                    "outputs": [describe(name, value) for name, value in answers],
                })
                if again:
                    spreads.append([spread(value, other) for (_, value), (_, other) in zip(answers, again(feeds))])
            found.append({
                "name": model["name"],
                "records": asked,
                "spreads": [max(each) for each in zip(*spreads)],
            })
    (out / "answers.json").write_text(json.dumps(found))


main()
