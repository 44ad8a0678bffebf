"""Writes the small models of test/fixtures/runtimes, each by its own framework, with answers of that framework beside it.

Run it in a virtual environment with tensorflow-cpu 2.21, openvino 2026.4 and numpy."""
import json
import shutil
from pathlib import Path

import numpy as np
import openvino as ov
import tensorflow as tf
from openvino import opset13 as ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

OUT = Path(__file__).parent.parent.parent / "test" / "fixtures" / "runtimes"
RANDOM = np.random.default_rng(11)


def weights(*shape):
    return RANDOM.normal(size=shape).astype(np.float32) * 0.5


def folder(name):
    path = OUT / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def save_answers(name, inputs, outputs):
    """What the framework says for some inputs, the outputs in the order in which they are served."""
    plain = lambda a: {"shape": list(a.shape), "data": np.asarray(a, np.float64).ravel().tolist()}
    answers = {
        "inputs": {key: plain(np.asarray(value)) for key, value in inputs.items()},
        "outputs": {key: plain(np.asarray(value)) for key, value in outputs.items()},
    }
    (OUT / f"{name}.json").write_text(json.dumps(answers) + "\n")


class Picture(tf.Module):
    """A tiny network on pictures, height x width x colours as TensorFlow has them."""

    def __init__(self):
        super().__init__()
        self.kernel = tf.Variable(weights(3, 3, 3, 4))
        self.dense = tf.Variable(weights(4, 5))

    @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, name="image")])
    def __call__(self, image):
        x = tf.nn.relu(tf.nn.conv2d(image, self.kernel, strides=2, padding="SAME"))
        return {"scores": tf.nn.softmax(tf.matmul(tf.reduce_mean(x, axis=[1, 2]), self.dense))}


class Two(tf.Module):
    """Two inputs of different types, two outputs."""

    def __init__(self):
        super().__init__()
        self.table = tf.Variable(weights(6, 3))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], tf.float32, name="values"),
            tf.TensorSpec([None], tf.int32, name="ids"),
        ]
    )
    def __call__(self, values, ids):
        rows = tf.gather(self.table, ids)
        return {"total": tf.reduce_sum(values + rows, axis=1), "rows": rows * 2.0}


def freeze(module, path, names):
    function = convert_variables_to_constants_v2(module.__call__.get_concrete_function())
    graph = function.graph.as_graph_def()
    (path / "frozen_inference_graph.pb").write_bytes(graph.SerializeToString())
    meta = {
        "input_names": [tensor.name for tensor in function.inputs],
        "output_names": [tensor.name for tensor in function.outputs],
        # The original's exporter writes these for training; they say nothing about serving.
        "temp_tensors": [],
        "variables": [],
        "grad_variables": [],
    }
    (path / "graph_meta.json").write_text(json.dumps(meta))
    return function


image = RANDOM.uniform(0, 255, size=(3, 8, 8, 3)).astype(np.float32)
picture = Picture()
scores = picture(tf.constant(image))["scores"].numpy()

path = folder("savedModel")
tf.saved_model.save(picture, str(path), signatures={"serving_default": picture.__call__})
save_answers("savedModel", {"image": image}, {"scores": scores})

path = folder("frozen")
freeze(picture, path, ["image"])
save_answers("frozen", {"image": image}, {"Identity": scores})

values = RANDOM.normal(size=(4, 3)).astype(np.float32)
ids = np.array([0, 5, 2, 2], np.int32)
two = Two()
answers = two(tf.constant(values), tf.constant(ids))

path = folder("savedModelTwo")
tf.saved_model.save(two, str(path), signatures={"serving_default": two.__call__})
save_answers("savedModelTwo", {"values": values, "ids": ids}, {key: answers[key].numpy() for key in ("rows", "total")})

path = folder("frozenTwo")
function = freeze(two, path, None)
by_name = dict(zip([tensor.name.split(":")[0] for tensor in function.outputs], function(tf.constant(values), tf.constant(ids))))
save_answers("frozenTwo", {"values": values, "ids": ids}, {key: value.numpy() for key, value in by_name.items()})

path = folder("tflite")
converter = tf.lite.TFLiteConverter.from_concrete_functions([picture.__call__.get_concrete_function()], picture)
(path / "picture.tflite").write_bytes(converter.convert())
save_answers("tflite", {"image": image}, {"StatefulPartitionedCall": scores})


def intermediate(name, compress):
    """An MLP, as OpenVINO's own converter writes it."""
    x = ops.parameter([-1, 6], np.float32, name="x")
    x.output(0).set_names({"x"})
    w1, w2 = weights(6, 7), weights(7, 3)
    y = ops.matmul(ops.relu(ops.matmul(x, ops.constant(w1), False, False)), ops.constant(w2), False, False)
    y.output(0).set_names({"y"})
    path = folder(name)
    ov.save_model(ov.Model([y], [x], "mlp"), path / f"{name}.xml", compress_to_fp16=compress)
    rows = RANDOM.normal(size=(5, 6)).astype(np.float32)
    save_answers(name, {"x": rows}, {"y": np.maximum(rows @ w1, 0) @ w2})


intermediate("ir", False)
intermediate("irHalf", True)


def echoes():
    """Every element type there and back."""
    kinds = ["f32", "f64", "f16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "boolean"]
    parameters, results = [], []
    for kind in kinds:
        p = ops.parameter([-1, 2], getattr(ov.Type, kind), name=kind)
        p.output(0).set_names({kind})
        # A constant keeps the runtime from handing the input's memory through.
        r = ops.logical_not(ops.logical_not(p)) if kind == "boolean" else ops.maximum(p, p)
        r.output(0).set_names({f"{kind}_out"})
        parameters.append(p)
        results.append(r)
    ov.save_model(ov.Model(results, parameters, "echo"), folder("echoTypes") / "echo.xml", compress_to_fp16=False)


echoes()

# What records cannot carry.
p = ops.parameter([-1, 2], ov.Type.bf16, name="x")
p.output(0).set_names({"x"})
ov.save_model(ov.Model([ops.convert(p, "f32")], [p], "bf16"), folder("bfloat16") / "bf16.xml", compress_to_fp16=False)
