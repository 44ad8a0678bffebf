"""The worker that one would write in an afternoon: kafka-python, pyarrow, onnxruntime, one batch a poll.

usage: kafkaWorker.py PORT TOPIC MODEL
"""
import base64
import json
import sys

import numpy as np
import onnxruntime
import pyarrow as pa
from kafka import KafkaConsumer, KafkaProducer


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


def main(port, topic, model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    name = session.get_inputs()[0].name
    place = "127.0.0.1:" + port
    consumer = KafkaConsumer(
        topic, bootstrap_servers=place, group_id="naive", auto_offset_reset="earliest", enable_auto_commit=False
    )
    producer = KafkaProducer(bootstrap_servers=place, acks="all")
    while True:
        for messages in consumer.poll(timeout_ms=1000, max_records=64).values():
            records = [json.loads(message.value) for message in messages]
            rows = np.stack([decode(record["data"]) for record in records])
            for record, row in zip(records, session.run(None, {name: rows})[0]):
                producer.send("naive_results", key=record["uri"].encode(), value=encode(row))
            producer.flush()
            consumer.commit()


main(*sys.argv[1:])
