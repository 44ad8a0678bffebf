"""Drives the original's Python client for Kafka: reads a plan as JSON from stdin, prints what came back as JSON.

{"host": …, "port": …, "topic": …, "records": {uri: {name: nested list}}, "wanted": n}
"""
import contextlib
import io
import json
import sys
import time

import numpy as np
from bigdl.serving.kafka.client import InputQueue, OutputQueue


def main():
    plan = json.load(sys.stdin)
    place = {"host": plan["host"], "port": str(plan["port"])}
    queue = InputQueue(topic_name=plan["topic"], **place)
    for uri, tensors in plan["records"].items():
        queue.enqueue(uri, **{name: np.array(value, dtype=np.float32) for name, value in tensors.items()})
    queue.close()
    outputs, found = OutputQueue(topic_name="cluster-serving_" + plan["topic"], **place), {}
    deadline = time.time() + 60
    while len(found) < plan["wanted"] and time.time() < deadline:
        found.update({uri: value.tolist() for uri, value in outputs.dequeue().items()})
    outputs.close()
    return found


with contextlib.redirect_stdout(io.StringIO()):
    answer = main()
print(json.dumps(answer))
