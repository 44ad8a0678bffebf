"""Tensors and frames as they go between a worker of Cluster Serving and the process of its model.

A frame is the length of its header (4 bytes, little-endian), the header (JSON), then the bytes of its tensors, each row-major
and little-endian, in the order of the header; strings are a JSON array."""
import ctypes
import json
import os
import socket
import struct


class Tensor:
    """A tensor as it was sent; made into what the model wants by the model's own package."""

    def __init__(self, name, type, shape, data):
        self.name, self.type, self.shape, self.data = name, type, shape, data

    def numpy(self):
        import numpy as np

        if self.type == "string":
            return np.array(self.data, dtype=object).reshape(self.shape)
        return np.frombuffer(self.data, dtype=np.dtype(self.type)).reshape(self.shape)

    def torch(self):
        import torch

        if self.type == "string":
            raise TypeError(f'the input "{self.name}" holds strings, which PyTorch does not take')
        if len(self.data) == 0:
            return torch.empty(self.shape, dtype=getattr(torch, self.type))
        return torch.frombuffer(self.data, dtype=getattr(torch, self.type)).reshape(self.shape)


def from_numpy(name, value):
    """@returns header and bytes of a tensor"""
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind in "USO":
        texts = [text.decode() if isinstance(text, bytes) else text for text in array.ravel().tolist()]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError(f'the output "{name}" holds neither numbers nor strings')
        data = json.dumps(texts).encode()
        return {"name": name, "type": "string", "shape": array.shape, "bytes": len(data)}, data
    if array.dtype.name not in NUMERIC:
        raise TypeError(f'the output "{name}" is of the type {array.dtype.name}, which no result can carry')
    info = {"name": name, "type": array.dtype.name, "shape": array.shape, "bytes": array.nbytes}
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return info, array.data.cast("B") if array.nbytes else b""


def from_torch(name, value):
    import torch

    tensor = value.detach() if isinstance(value, torch.Tensor) else torch.as_tensor(value)
    # Every bfloat16 is a float32.
    tensor = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).cpu().contiguous()
    type = str(tensor.dtype).replace("torch.", "")
    if type not in NUMERIC:
        raise TypeError(f'the output "{name}" is of the type {type}, which no result can carry')
    size = tensor.numel() * tensor.element_size()
    data = ctypes.string_at(tensor.data_ptr(), size) if size else b""
    return {"name": name, "type": type, "shape": tuple(tensor.shape), "bytes": size}, data


NUMERIC = {
    *("float32", "float64", "float16", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "bool"),
}


class Channel:
    def __init__(self, descriptor):
        os.set_inheritable(descriptor, False)
        self.socket = socket.socket(fileno=descriptor)
        self.socket.setblocking(True)

    def receive(self):
        """@returns header and tensors; None at the end of the worker"""
        length = self.read(4)
        if length is None:
            return None
        header = self.read(struct.unpack("<I", length)[0])
        if header is None:
            return None
        message = json.loads(header)
        tensors = []
        for info in message.get("tensors", ()):
            data = self.read(info["bytes"])
            if data is None:
                return None
            if info["type"] == "string":
                data = json.loads(data)
            tensors.append(Tensor(info["name"], info["type"], info["shape"], data))
        return message, tensors

    def read(self, count):
        data = bytearray(count)
        view = memoryview(data)
        at = 0
        while at < count:
            got = self.socket.recv_into(view[at:])
            if got == 0:
                return None
            at += got
        return data

    def send(self, message, bodies=()):
        header = json.dumps(message).encode()
        pieces = [memoryview(struct.pack("<I", len(header)) + header)]
        pieces += [memoryview(body) for body in bodies if len(body)]
        while pieces:
            sent = self.socket.sendmsg(pieces[:16])
            while pieces and sent >= len(pieces[0]):
                sent -= len(pieces.pop(0))
            if sent:
                pieces[0] = pieces[0][sent:]
