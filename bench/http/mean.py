"""Writes a model that costs next to nothing and takes pictures: the mean of [n, 3, 224, 224]. usage: mean.py FILE"""
import sys

import onnx
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2, 3], keepdims=0)],
    "mean",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 224, 224])],
    [helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["n"])],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), sys.argv[1])
