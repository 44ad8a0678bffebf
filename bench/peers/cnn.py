"""Writes a MobileNet-sized network with random weights: pictures [n, 3, 224, 224] -> scores [n, 1000], 0.3 GMAC.

usage: cnn.py FILE
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(7)
nodes, constants = [], []


def constant(name, *shape, scale=1.0):
    constants.append(numpy_helper.from_array((RANDOM.normal(size=shape) * scale).astype(np.float32), name))
    return name


def conv(source, channels_in, channels_out, stride=1, depthwise=False):
    index = len(nodes)
    size = 1 if not depthwise and channels_in != 3 else 3
    group = channels_in if depthwise else 1
    shape = (channels_out, channels_in // group, size, size)
    weight = constant(f"w{index}", *shape, scale=(2 / np.prod(shape[1:])) ** 0.5)
    nodes.append(
        helper.make_node("Conv", [source, weight], [f"c{index}"], strides=[stride] * 2, pads=[size // 2] * 4, group=group)
    )
    nodes.append(helper.make_node("Relu", [f"c{index}"], [f"r{index}"]))
    return f"r{index}"


def main(path):
    value, channels = conv("image", 3, 32, stride=2), 32
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 3 + [(1024, 2), (1024, 1)]
    for wanted, stride in plan:
        value = conv(value, channels, channels, stride=stride, depthwise=True)
        value = conv(value, channels, wanted)
        channels = wanted
    nodes.append(helper.make_node("GlobalAveragePool", [value], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
    nodes.append(helper.make_node("MatMul", ["flat", constant("top", 1024, 1000, scale=0.03)], ["scores"]))
    graph = helper.make_graph(
        nodes,
        "cnn",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 224, 224])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 1000])],
        constants,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


main(*sys.argv[1:])
