"""Writes the small networks of test/fixtures/caffe, in the shapes of the classic ones, with what OpenCV answers for them.

Run it in a virtual environment with opencv-python-headless 4.14 (5.0 reads no Caffe any more) and numpy."""
import json
import shutil
import struct
from pathlib import Path

import cv2
import numpy as np

OUT = Path(__file__).parent.parent.parent / "test" / "fixtures" / "caffe"
RANDOM = np.random.default_rng(23)
# V1LayerParameter.LayerType
V1_TYPES = {"Convolution": (4, "CONVOLUTION"), "InnerProduct": (14, "INNER_PRODUCT"), "Pooling": (17, "POOLING"), "ReLU": (18, "RELU"), "Softmax": (20, "SOFTMAX"), "LRN": (15, "LRN"), "Dropout": (6, "DROPOUT"), "Concat": (3, "CONCAT")}


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, content):
    """A text, bytes or a whole number."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(array, older):
    data = field(5, struct.pack(f"<{array.size}f", *array.ravel()))
    if older:
        dims = [1] * (4 - array.ndim) + list(array.shape)
        return b"".join(field(i + 1, dim) for i, dim in enumerate(dims)) + data
    return field(7, field(1, b"".join(varint(dim) for dim in array.shape))) + data


class Net:
    """Layers with their weights; each reads the one before it unless it says otherwise."""

    def __init__(self, name, channels, size, older=False):
        self.name, self.older, self.layers = name, older, []
        self.input = (1, channels, size, size)
        self.top, self.channels = "data", {"data": channels}

    def add(self, kind, params="", blobs=(), bottoms=None, top=None, channels=None, name=None):
        bottoms = bottoms or [self.top]
        name = name or f"{kind.lower()}{len(self.layers)}"
        tops = top if isinstance(top, list) else [top or name]
        self.layers.append((name, kind, bottoms, tops, params, [np.asarray(b, np.float32) for b in blobs]))
        for each in tops:
            self.channels[each] = channels or self.channels[bottoms[0]]
        self.top = tops[0]
        return self.top

    def conv(self, outputs, kernel, params="", group=1, bottom=None, kind="Convolution", bias=True):
        bottom = bottom or self.top
        inputs = self.channels[bottom]
        shape = (inputs, outputs // group) if kind == "Deconvolution" else (outputs, inputs // group)
        weights = RANDOM.normal(size=(*shape, kernel, kernel)) / kernel / np.sqrt(inputs / group)
        blobs = [weights] + ([RANDOM.normal(size=outputs) * 0.1] if bias else [])
        words = f"num_output: {outputs} kernel_size: {kernel} {params}" + (f" group: {group}" if group > 1 else "") + ("" if bias else " bias_term: false")
        return self.add(kind, f"convolution_param {{ {words} }}", blobs, [bottom], channels=outputs)

    def dense(self, outputs, inputs, params=""):
        blobs = [RANDOM.normal(size=(outputs, inputs)) / np.sqrt(inputs), RANDOM.normal(size=outputs)]
        return self.add("InnerProduct", f"inner_product_param {{ num_output: {outputs} {params} }}", blobs, channels=outputs)

    def pool(self, words, bottom=None):
        return self.add("Pooling", f"pooling_param {{ {words} }}", bottoms=[bottom or self.top])

    def within(self, kind, params="", blobs=(), top=None):
        """A layer that writes over what it reads."""
        top = top or self.top
        return self.add(kind, params, blobs, [top], top)

    def normalize(self):
        n = self.channels[self.top]
        steps = 250.0
        self.within("BatchNorm", "batch_norm_param { use_global_stats: true }", [RANDOM.normal(size=n) * steps, RANDOM.uniform(0.5, 2, n) * steps, [steps]])
        self.within("Scale", "scale_param { bias_term: true }", [RANDOM.normal(size=n), RANDOM.normal(size=n)])

    def write(self, inputs_as_layer=False):
        folder = OUT / self.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        lines, binary = [f'name: "{self.name}"'], field(1, self.name)
        if inputs_as_layer:
            lines.append('layer { name: "data" type: "Input" top: "data" input_param { shape: { %s } } }' % " ".join(f"dim: {d}" for d in self.input))
        elif self.older:
            lines += ['input: "data"'] + [f"input_dim: {d}" for d in self.input]
        else:
            lines += ['input: "data"', "input_shape { %s }" % " ".join(f"dim: {d}" for d in self.input)]
        for name, kind, bottoms, tops, params, blobs in self.layers:
            written = V1_TYPES[kind][1] if self.older else f'"{kind}"'
            ends = " ".join([f'bottom: "{b}"' for b in bottoms] + [f'top: "{t}"' for t in tops])
            lines.append(f'{"layers" if self.older else "layer"} {{ name: "{name}" type: {written} {ends} {params} }}')
            parts = b"".join(field(6 if self.older else 7, blob(b, self.older)) for b in blobs)
            if self.older:
                binary += field(2, field(4, name) + field(5, V1_TYPES[kind][0]) + parts)
            else:
                binary += field(100, field(1, name) + field(2, kind) + parts)
        (folder / "deploy.prototxt").write_text("\n".join(lines) + "\n")
        (folder / "net.caffemodel").write_bytes(binary)
        x = RANDOM.normal(size=(3, *self.input[1:])).astype(np.float32)
        read = cv2.dnn.readNetFromCaffe(str(folder / "deploy.prototxt"), str(folder / "net.caffemodel"))
        read.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
        answers = []
        for row in x:  # one by one: its own batches are not compared here
            read.setInput(row[None])
            answers.append(read.forward())
        y = np.concatenate(answers)
        plain = lambda a: {"shape": list(a.shape), "data": [float(f"{v:.8g}") for v in a.ravel()]}
        answer = {"inputs": {"data": plain(x)}, "outputs": {self.top: plain(y)}}
        (OUT / f"{self.name}.json").write_text(json.dumps(answer) + "\n")


RELU = "ReLU"


def lenet(name, older=False):
    net = Net(name, 1, 16, older)
    net.conv(4, 5)
    net.pool("pool: MAX kernel_size: 2 stride: 2")
    net.conv(6, 3)
    net.pool("pool: MAX kernel_size: 2 stride: 2")
    net.dense(10, 6 * 2 * 2)
    net.within(RELU)
    net.dense(5, 10)
    net.add("Softmax")
    net.write(inputs_as_layer=not older)


def alexnet():
    net = Net("alexnet", 3, 23)
    net.conv(8, 5, "stride: 2")
    net.within(RELU)
    net.add("LRN", "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }")
    net.pool("pool: MAX kernel_size: 3 stride: 2")
    net.conv(8, 3, "pad: 1", group=2)
    net.within(RELU)
    net.pool("pool: MAX kernel_size: 3 stride: 2")
    net.dense(12, 8 * 2 * 2)
    net.within(RELU)
    net.within("Dropout", "dropout_param { dropout_ratio: 0.5 }")
    net.dense(6, 12)
    net.add("Softmax")
    net.write()


def vgg():
    net = Net("vgg", 3, 15)
    for outputs in (4, 6):
        for _ in range(2):
            net.conv(outputs, 3, "pad: 1")
            net.within(RELU)
        net.pool("pool: MAX kernel_size: 2 stride: 2")
    net.dense(5, 6 * 4 * 4)
    net.add("Softmax")
    net.write(inputs_as_layer=True)


def googlenet():
    net = Net("googlenet", 3, 20)
    net.conv(6, 7, "pad: 3 stride: 2")
    net.within(RELU)
    net.pool("pool: MAX kernel_size: 3 stride: 2")
    net.add("LRN", "lrn_param { local_size: 3 alpha: 0.01 beta: 0.75 }")
    source = net.top
    branches = [net.conv(3, 1, bottom=source)]
    net.conv(4, 1, bottom=source)
    net.within(RELU)
    branches.append(net.conv(5, 3, "pad: 1"))
    net.conv(2, 1, bottom=source)
    branches.append(net.conv(3, 5, "pad: 2"))
    net.pool("pool: MAX kernel_size: 3 stride: 1 pad: 1", source)
    branches.append(net.conv(2, 1))
    net.add("Concat", "", bottoms=branches, channels=13)
    net.pool("pool: AVE kernel_size: 5 stride: 1")
    net.dense(4, 13)
    net.add("Softmax")
    net.write()


def resnet():
    net = Net("resnet", 3, 17)
    net.conv(4, 3, "pad: 1 stride: 2", bias=False)
    net.normalize()
    net.within(RELU)
    short = net.top
    net.conv(4, 3, "pad: 1", bias=False)
    net.normalize()
    net.within(RELU)
    net.conv(4, 3, "pad: 1", bias=False)
    net.normalize()
    net.add("Eltwise", "eltwise_param { operation: SUM }", bottoms=[short, net.top])
    net.within(RELU)
    net.pool("pool: AVE global_pooling: true")
    net.dense(5, 4)
    net.add("Softmax")
    net.write()


def mobilenet():
    net = Net("mobilenet", 3, 16)
    net.conv(4, 3, "pad: 1 stride: 2", bias=False)
    net.normalize()
    net.within(RELU)
    net.conv(4, 3, "pad: 1", group=4, bias=False)
    net.normalize()
    net.within(RELU)
    net.conv(6, 1, bias=False)
    net.normalize()
    net.within(RELU)
    net.pool("pool: AVE global_pooling: true")
    net.conv(5, 1)
    net.add("Softmax")
    net.write()


def squeezenet():
    net = Net("squeezenet", 3, 24)
    net.conv(6, 3, "stride: 2")
    net.within(RELU)
    net.pool("pool: MAX kernel_size: 3 stride: 2")
    net.conv(3, 1)
    squeezed = net.within(RELU)
    wide = [net.conv(4, 1, bottom=squeezed)]
    net.within(RELU)
    wide.append(net.conv(4, 3, "pad: 1", bottom=squeezed))
    net.within(RELU)
    net.add("Concat", "concat_param { axis: 1 }", bottoms=wide, channels=8)
    net.within("Dropout")
    net.conv(5, 1)
    net.within(RELU)
    net.pool("pool: AVE global_pooling: true")
    net.add("Softmax")
    net.write()


def others():
    """What the classic networks do not have, or have only in variants."""
    net = Net("others", 4, 13)
    net.pool("pool: AVE kernel_size: 3 stride: 2 pad: 1")
    net.add("PReLU", "prelu_param { channel_shared: false }", [RANDOM.uniform(0.1, 0.5, 4)])
    net.conv(4, 3, "stride: 2 pad: 1", kind="Deconvolution")
    net.within("ELU", "elu_param { alpha: 0.7 }")
    net.add("Slice", "slice_param { axis: 1 slice_point: 1 }", top=["one", "three"])
    net.channels["one"], net.channels["three"] = 1, 3
    net.add("Power", "power_param { power: 2 scale: 0.5 shift: 1 }", bottoms=["one"], name="squared")
    net.add("TanH", bottoms=["three"], name="tanh")
    net.add("Sigmoid", bottoms=["tanh"], name="sigmoid")
    net.add("AbsVal", bottoms=["three"], name="abs")
    net.add("Eltwise", "eltwise_param { operation: SUM coeff: 0.5 coeff: -2 }", bottoms=["sigmoid", "abs"], name="sum")
    net.add("Concat", bottoms=["squared", "sum"], channels=4)
    net.conv(2, 3, "dilation: 2 pad: 2")
    net.within(RELU, "relu_param { negative_slope: 0.1 }")
    net.pool("pool: MAX kernel_h: 2 kernel_w: 3 stride_h: 2 stride_w: 1")
    net.add("Flatten")
    net.add("Reshape", "reshape_param { shape { dim: 0 dim: 2 dim: -1 } }")
    net.add("Softmax", "softmax_param { axis: 2 }")
    net.write()


lenet("lenet")
lenet("lenetV1", older=True)
for make in (alexnet, vgg, googlenet, resnet, mobilenet, squeezenet, others):
    make()
