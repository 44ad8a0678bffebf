"""Writes the models of test/fixtures/models that hold element types, shapes and labels of every kind. Run it in a virtual
environment with onnx, numpy, scikit-learn and skl2onnx."""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

OUT = Path(__file__).parent.parent.parent / "test" / "fixtures" / "models"


def save(name, nodes, inputs, outputs, constants=(), opset=21):
    value = lambda spec: h.make_tensor_value_info(*spec)
    tensors = [nh.from_array(array, key) for key, array in dict(constants).items()]
    graph = h.make_graph(nodes, name, [value(i) for i in inputs], [value(o) for o in outputs], tensors)
    write(name, h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=10).SerializeToString())


def write(name, data):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(data)


def identity(name, kind, shape=("n", 3)):
    save(name, [h.make_node("Identity", ["x"], ["y"])], [("x", kind, shape)], [("y", kind, shape)])


for name, kind in [
    ("uint8", T.UINT8), ("uint16", T.UINT16), ("uint32", T.UINT32), ("uint64", T.UINT64),
    ("int8", T.INT8), ("int16", T.INT16), ("string", T.STRING),
]:
    identity(f"echo_{name}", kind)

# what every recurrent network has: a state whose first axis is not the batch
save(
    "state",
    [
        h.make_node("ReduceSum", ["state", "axes"], ["sum"], keepdims=0),
        h.make_node("Add", ["x", "sum"], ["y"]),
        h.make_node("Identity", ["state"], ["stateOut"]),
    ],
    [("x", T.FLOAT, ["b", 3]), ("state", T.FLOAT, [2, "b", 3])],
    [("y", T.FLOAT, ["b", 3]), ("stateOut", T.FLOAT, [2, "b", 3])],
    {"axes": np.array([0], np.int64)},
)

# a length of each row, and settings that have no rows at all
save(
    "lengths",
    [
        h.make_node("Cast", ["tokens"], ["floats"], to=T.FLOAT),
        h.make_node("Slice", ["scales", "zero", "one"], ["scale"]),
        h.make_node("Mul", ["floats", "scale"], ["scaled"]),
        h.make_node("Cast", ["lengths"], ["lengthFloats"], to=T.FLOAT),
        h.make_node("Unsqueeze", ["lengthFloats", "one"], ["column"]),
        h.make_node("Add", ["scaled", "column"], ["y"]),
    ],
    [("tokens", T.INT64, ["b", "t"]), ("lengths", T.INT64, ["b"]), ("scales", T.FLOAT, [3])],
    [("y", T.FLOAT, ["b", "t"])],
    {"zero": np.array([0], np.int64), "one": np.array([1], np.int64)},
)

# a threshold beside rows, as a scalar
save(
    "threshold",
    [h.make_node("Greater", ["x", "limit"], ["y"])],
    [("x", T.FLOAT, ["n", "m"]), ("limit", T.FLOAT, [])],
    [("y", T.BOOL, ["n", "m"])],
)

# all that is above a score: no row where none is
save(
    "boxes",
    [
        h.make_node("Greater", ["scores", "half"], ["kept"]),
        h.make_node("Compress", ["boxes", "kept"], ["y"], axis=0),
    ],
    [("boxes", T.FLOAT, ["k", 4]), ("scores", T.FLOAT, ["k"])],
    [("y", T.FLOAT, ["m", 4])],
    {"half": np.array(0.5, np.float32)},
)

# integers that float32 does not have
save(
    "large",
    [
        h.make_node("Cast", ["x"], ["whole"], to=T.INT64),
        h.make_node("Add", ["whole", "base"], ["y"]),
    ],
    [("x", T.FLOAT, ["n", 2])],
    [("y", T.INT64, ["n", 2])],
    {"base": np.array(2**53, np.int64)},
)

# what cannot be served
save("int4", [h.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])], [("x", T.FLOAT, ["n", 4])], [("y", T.INT4, ["n", 4])],
     {"s": np.array(0.5, np.float32), "z": nh.to_array(h.make_tensor("z", T.INT4, [], [0]))})
identity("bfloat16", T.BFLOAT16)
save("noInputs", [h.make_node("Constant", [], ["y"], value=nh.from_array(np.ones((1, 2), np.float32)))], [], [("y", T.FLOAT, [1, 2])])
sequence = h.make_model(
    h.make_graph(
        [h.make_node("SequenceLength", ["x"], ["y"])],
        "sequence",
        [h.make_tensor_sequence_value_info("x", T.FLOAT, None)],
        [h.make_tensor_value_info("y", T.INT64, [])],
    ),
    opset_imports=[h.make_opsetid("", 17)],
    ir_version=8,
)
write("sequence", sequence.SerializeToString())

# scikit-learn's classifiers as its converter writes them: a label, and a map of probabilities
data, kinds = load_iris(return_X_y=True)
data = data.astype(np.float32)
names = np.array(["setosa", "versicolor", 'the "third"'])
for name, labels in [("classifierOfNames", names[kinds]), ("classifierOfNumbers", kinds * 10)]:
    fitted = LogisticRegression(max_iter=500).fit(data, labels)
    write(name, to_onnx(fitted, data[:1], target_opset={"": 17, "ai.onnx.ml": 3}).SerializeToString())

# how many axes it has is not said of the one input, and the other has none
save(
    "ranks",
    [h.make_node("Mul", ["any", "single"], ["y"])],
    [("any", T.FLOAT, None), ("single", T.FLOAT, [])],
    [("y", T.FLOAT, None)],
)
