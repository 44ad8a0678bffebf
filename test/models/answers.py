"""Records for real models and what ONNX Runtime in Python answers to each of them alone.

usage: answers.py MODELS RECORDS OUT, where MODELS is JSON: a list of {name, file, inputs: {name: how}}
writes OUT/answers.json, whose tensors lie in OUT/answers.bin
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


def main():
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "answers.bin", "wb") as data:

        def describe(name, array):
            at = data.tell()
            data.write(np.ascontiguousarray(array).tobytes())
            return {"name": name, "type": str(array.dtype), "shape": array.shape, "at": at, "bytes": array.nbytes}

        found = []
        for model in models:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.log_severity_level = 4
            session = onnxruntime.InferenceSession(model["file"], options)
            rng = np.random.default_rng(7)
            asked = []
            for record in range(records):
                feeds = {name: make(rng, how, record) for name, how in model["inputs"].items()}
                answers = session.run(None, feeds)
                asked.append({
                    "inputs": [describe(name, value) for name, value in feeds.items()],
                    "outputs": [describe(o.name, value) for o, value in zip(session.get_outputs(), answers)],
                })
            found.append({"name": model["name"], "records": asked})
    (out / "answers.json").write_text(json.dumps(found))


main()
