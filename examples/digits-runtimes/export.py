"""Writes the classifier of examples/digits in the formats of other frameworks: python export.py openvino tensorflow torch

Each takes its own packages, and all take onnx and numpy: openvino; tensorflow-cpu; torch. The weights are those of
examples/digits/model/digits.onnx, so every model answers the same.
"""
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx

HERE = Path(__file__).parent
SOURCE = HERE.parent / "digits" / "model" / "digits.onnx"


def weights():
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(SOURCE).graph.initializer}
    return [tensors[name] for name in ("w1", "b1", "w2", "b2")]


def folder(name):
    path = HERE / name / "model"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def openvino():
    """images [batch, 3, 8, 8], BGR, 0..255  ->  probabilities [batch, 10]"""
    import openvino as ov

    ov.save_model(ov.convert_model(SOURCE), folder("openvino") / "digits.xml", compress_to_fp16=False)


def tensorflow():
    """images [batch, 8, 8, 3], as TensorFlow has them"""
    import tensorflow as tf

    class Digits(tf.Module):
        def __init__(self):
            super().__init__()
            self.parts = [tf.Variable(part) for part in weights()]

        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, name="image")])
        def __call__(self, image):
            w1, b1, w2, b2 = self.parts
            row = tf.reshape(tf.reduce_mean(image, axis=3) / 255, [-1, 64])
            hidden = tf.nn.relu(tf.matmul(row, w1) + b1)
            return {"probabilities": tf.nn.softmax(tf.matmul(hidden, w2) + b2)}

    model = Digits()
    tf.saved_model.save(model, str(folder("tensorflow")), signatures={"serving_default": model.__call__})


def torch():
    """images [batch, 3, 8, 8], BGR, 0..255"""
    import torch as pt

    w1, b1, w2, b2 = [pt.from_numpy(np.array(part)) for part in weights()]

    class Digits(pt.nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = pt.nn.Linear(64, len(b1))
            self.output = pt.nn.Linear(len(b1), 10)
            with pt.no_grad():
                for layer, weight, bias in ((self.hidden, w1, b1), (self.output, w2, b2)):
                    layer.weight.copy_(weight.T)
                    layer.bias.copy_(bias)

        def forward(self, image):
            row = image.mean(1).flatten(1) / 255
            return pt.softmax(self.output(pt.relu(self.hidden(row))), 1)

    pt.jit.script(Digits().eval()).save(str(folder("torch") / "digits.pt"))


if __name__ == "__main__":
    for each in sys.argv[1:]:
        {"openvino": openvino, "tensorflow": tensorflow, "torch": torch}[each]()
