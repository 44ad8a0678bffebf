"""The worker that one would write in an afternoon: redis-py, pyarrow, onnxruntime, XREADGROUP 64, one batch a read.

usage: worker.py PORT STREAM MODEL
"""
import base64
import sys

import numpy as np
import onnxruntime
import pyarrow as pa
import redis


def decode(text):
    with pa.ipc.open_stream(pa.py_buffer(base64.b64decode(text))) as reader:
        column = reader.read_next_batch().column(0)
    return np.asarray(column.field("data").flatten(), np.float32)


def encode(row):
    data = pa.array(row, pa.float32())
    shape = pa.array([len(row)] + [None] * (len(row) - 1), pa.int32())
    batch = pa.record_batch([data, shape], names=["data", "shape"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return base64.b64encode(sink.getvalue())


def main(port, stream, model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    name = session.get_inputs()[0].name
    db = redis.Redis(port=int(port))
    try:
        db.xgroup_create(stream, "serving", "0-0", mkstream=True)
    except redis.ResponseError:
        pass
    while True:
        reply = db.xreadgroup("serving", "python", {stream: ">"}, count=64, block=1000)
        if not reply:
            continue
        entries = reply[0][1]
        rows = np.stack([decode(fields[b"data"]) for _, fields in entries])
        outputs = session.run(None, {name: rows})[0]
        pipe = db.pipeline(transaction=True)
        for (_, fields), row in zip(entries, outputs):
            pipe.hset(f"cluster-serving_{stream}:" + fields[b"uri"].decode(), "value", encode(row))
        pipe.xack(stream, "serving", *[entry_id for entry_id, _ in entries])
        pipe.execute()


main(*sys.argv[1:])
