"""Sends the images to the job "digits" with the original's Python client.

    pip install -r requirements.txt    # on Python 3.8 to 3.11
    python client.py [host [port]]
"""
import csv
import sys
import time
from pathlib import Path

from bigdl.serving.client import InputQueue, OutputQueue

HERE = Path(__file__).parent


def main(host: str = "localhost", port: str = "6379") -> None:
    inputs = InputQueue(host=host, port=port, name="digits")
    outputs = OutputQueue(host=host, port=port, name="digits")
    right = total = 0
    for row in csv.DictReader(open(HERE / "labels.csv")):
        uri = f"client-{row['image']}"
        inputs.enqueue(uri, image=str(HERE / "images" / row["image"]))
        answer = "[]"
        while isinstance(answer, str) and answer == "[]":
            answer = outputs.query_and_delete(uri)
            time.sleep(0.001)
        total += 1
        right += int(answer.argmax()) == int(row["digit"])
    print(f"{right} of {total} right")


if __name__ == "__main__":
    main(*sys.argv[1:])
