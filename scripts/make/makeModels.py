"""Writes the small ONNX models of test/fixtures/models; run it in a virtual environment with onnx and numpy."""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

OUT = Path(__file__).parent.parent.parent / "test" / "fixtures" / "models"
RANDOM = np.random.default_rng(7)


def save(name, nodes, inputs, outputs, constants=()):
    value = lambda spec: h.make_tensor_value_info(*spec)
    tensors = [nh.from_array(array, key) for key, array in dict(constants).items()]
    graph = h.make_graph(nodes, name, [value(i) for i in inputs], [value(o) for o in outputs], tensors)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / f"{name}.onnx")


def weights(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


# 64 -> 64 -> 10, the model of the benchmarks
save(
    "mlp",
    [
        h.make_node("MatMul", ["x", "w1"], ["a"]),
        h.make_node("Relu", ["a"], ["b"]),
        h.make_node("MatMul", ["b", "w2"], ["y"]),
    ],
    [("x", T.FLOAT, ["n", 64])],
    [("y", T.FLOAT, ["n", 10])],
    {"w1": weights(64, 64), "w2": weights(64, 10)},
)

# rows of any length come back as they are
save("echo", [h.make_node("Identity", ["x"], ["y"])], [("x", T.FLOAT, ["n", "m"])], [("y", T.FLOAT, ["n", "m"])])

# two inputs by name, two outputs of different size, in this order
save(
    "twoInTwoOut",
    [
        h.make_node("Concat", ["a", "b"], ["both"], axis=1),
        h.make_node("Identity", ["a"], ["first"]),
        h.make_node("ReduceSum", ["both", "axes"], ["total"], keepdims=1),
    ],
    [("a", T.FLOAT, ["n", 4]), ("b", T.FLOAT, ["n", 5])],
    [("total", T.FLOAT, ["n", 1]), ("first", T.FLOAT, ["n", 4])],
    {"axes": np.array([1], np.int64)},
)

# every element type there and back
for name, kind in [("int64", T.INT64), ("int32", T.INT32), ("float64", T.DOUBLE), ("float16", T.FLOAT16), ("bool", T.BOOL)]:
    save(f"echo_{name}", [h.make_node("Identity", ["x"], ["y"])], [("x", kind, ["n", 3])], [("y", kind, ["n", 3])])

# a batch of one only
save("fixedBatch", [h.make_node("Identity", ["x"], ["y"])], [("x", T.FLOAT, [1, 3])], [("y", T.FLOAT, [1, 3])])

# like a detection model: one list for the whole batch, each row with the index of its image in front
save(
    "detection",
    [
        h.make_node("NonZero", ["x"], ["where"]),
        h.make_node("Transpose", ["where"], ["rows"], perm=[1, 0]),
        h.make_node("Cast", ["rows"], ["found"], to=T.FLOAT),
    ],
    [("x", T.FLOAT, ["n", 4])],
    [("found", T.FLOAT, ["k", 2])],
)

# images come back as they reached the model
save(
    "picture",
    [h.make_node("Identity", ["image"], ["seen"])],
    [("image", T.FLOAT, ["n", 3, "h", "w"])],
    [("seen", T.FLOAT, ["n", 3, "h", "w"])],
)

# two inputs of any length, laid behind each other
save(
    "joined",
    [h.make_node("Concat", ["a", "b"], ["y"], axis=1)],
    [("a", T.FLOAT, ["n", "p"]), ("b", T.FLOAT, ["n", "q"])],
    [("y", T.FLOAT, ["n", "r"])],
)

# weights outside the model's file, in two others: y = 2 x + (1, -1)
tensors = []
for key, array, location in [
    ("scale", np.full(2, 2, np.float32), "outside.onnx.data"),
    ("shift", np.array([1, -1], np.float32), "more weights/shift.bin"),
]:
    tensor = nh.from_array(array, key)
    onnx.external_data_helper.set_external_data(tensor, location)
    tensors.append(tensor)
nodes = [h.make_node("Mul", ["x", "scale"], ["a"]), h.make_node("Add", ["a", "shift"], ["y"])]
row = [h.make_tensor_value_info(name, T.FLOAT, ["n", 2]) for name in "xy"]
graph = h.make_graph(nodes, "outside", row[:1], row[1:], tensors)
(OUT / "outside" / "more weights").mkdir(parents=True, exist_ok=True)
onnx.save(
    h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), OUT / "outside" / "outside.onnx"
)

# The lowest whole number divided by -1 ends the process that runs it, in a run of its own and where the processor traps
# that (x64).
save(
    "divided",
    [h.make_node("Div", ["x", "y"], ["z"])],
    [("x", T.INT32, ["n", 1]), ("y", T.INT32, ["n", 1])],
    [("z", T.INT32, ["n", 1])],
)
