"""Drives the original's Python client: reads a plan as JSON from stdin, prints what came back as JSON.

{"host": …, "port": …, "steps": [{"do": "enqueue", "name": …, "uri": …, "tensors": {name: nested list},
  "images": {name: path}, "strings": {name: list}, "sparse": {name: [indices, values, shape]}},
  {"do": "query", "name": …, "uri": …}, {"do": "dequeue", "name": …, "count": n}, {"do": "predict", …}]}
"""
import contextlib
import io
import json
import sys
import time

import numpy as np
from bigdl.serving.client import InputQueue, OutputQueue


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def values_of(step):
    values = {name: np.array(value, dtype=np.float32) for name, value in step.get("tensors", {}).items()}
    values.update(step.get("images", {}))
    values.update(step.get("strings", {}))
    for name, parts in step.get("sparse", {}).items():
        values[name] = [np.array(parts[0]), np.array(parts[1], dtype=np.float32), np.array(parts[2])]
    return values


def waited(ask, none):
    deadline = time.time() + 20
    while time.time() < deadline:
        answer = ask()
        if not (isinstance(answer, type(none)) and answer == none):
            return answer
        time.sleep(0.002)
    return "nothing within 20 s"


def main():
    plan = json.load(sys.stdin)
    place = {"host": plan["host"], "port": str(plan["port"])}
    results = []
    for step in plan["steps"]:
        queue = {**place, "name": step["name"]}
        if step["do"] == "enqueue":
            InputQueue(**queue).enqueue(step["uri"], **values_of(step))
        elif step["do"] == "query":
            outputs = OutputQueue(**queue)
            results.append(plain(waited(lambda: outputs.query(step["uri"]), "[]")))
        elif step["do"] == "predict":
            results.append(plain(InputQueue(**queue).predict(values_of(step), timeout=20)))
        else:
            outputs, found = OutputQueue(**queue), {}
            deadline = time.time() + 20
            while len(found) < step["count"] and time.time() < deadline:
                found.update(outputs.dequeue())
            results.append({uri: plain(value) for uri, value in found.items()})
    return results


with contextlib.redirect_stdout(io.StringIO()):
    printed = main()
print(json.dumps(printed))
