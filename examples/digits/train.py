"""Trains the classifier of this example and writes model/digits.onnx, the images and their labels.

Run it in a virtual environment with scikit-learn, numpy, onnx and pillow:  python train.py
The data are the 8x8 images of handwritten digits that come with scikit-learn (1,797 of them).
"""
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
IMAGES = 60


def main() -> None:
    data, target = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(data, target, test_size=0.2, random_state=7, stratify=target)
    model = MLPClassifier(hidden_layer_sizes=(64,), alpha=1e-2, max_iter=600, random_state=7)
    model.fit(train_x / 16, train_y)
    print(f"accuracy on {len(test_y)} held-out images: {model.score(test_x / 16, test_y):.4f}")

    onnx.save(to_onnx(model), HERE / "model" / "digits.onnx")
    folder = HERE / "images"
    folder.mkdir(exist_ok=True)
    labels = []
    for i, (pixels, label) in enumerate(zip(test_x[:IMAGES], test_y[:IMAGES])):
        name = f"digit-{i:02d}.png"
        # 0..16 in the data, 0..255 in the image, and back again in the model.
        Image.fromarray(np.rint(pixels.reshape(8, 8) / 16 * 255).astype(np.uint8)).save(folder / name)
        labels.append(f"{name},{label}")
    (HERE / "labels.csv").write_text("\n".join(["image,digit", *labels]) + "\n")


def to_onnx(model: MLPClassifier) -> onnx.ModelProto:
    """images [batch, 3, 8, 8], BGR, 0..255  ->  probabilities [batch, 10]"""
    (w1, w2), (b1, b2) = model.coefs_, model.intercepts_
    constants = {
        "scale": np.array(1 / 255, np.float32),
        "flat": np.array([-1, 64], np.int64),
        "w1": w1.astype(np.float32),
        "b1": b1.astype(np.float32),
        "w2": w2.astype(np.float32),
        "b2": b2.astype(np.float32),
    }
    node = helper.make_node
    graph = helper.make_graph(
        [
            node("ReduceMean", ["image"], ["gray"], axes=[1], keepdims=0),
            node("Mul", ["gray", "scale"], ["scaled"]),
            node("Reshape", ["scaled", "flat"], ["row"]),
            node("Gemm", ["row", "w1", "b1"], ["hidden"]),
            node("Relu", ["hidden"], ["active"]),
            node("Gemm", ["active", "w2", "b2"], ["logits"]),
            node("Softmax", ["logits"], ["probabilities"], axis=1),
        ],
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model_proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model_proto)
    return model_proto


if __name__ == "__main__":
    main()
