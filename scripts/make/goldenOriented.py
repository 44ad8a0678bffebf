"""Writes test/fixtures/oriented: PNG files with an orientation in an eXIf chunk, and what OpenCV makes of them.

OpenCV reads that chunk from version 5 on, so they are apart from what goldenImages.py writes with an older one. The Flink
job does not read it yet. Run in an environment of its own, never needed by the build or the tests:
    python3 -m venv /tmp/oriented
    /tmp/oriented/bin/pip install opencv-python-headless==5.0.0.* numpy
    /tmp/oriented/bin/python scripts/make/goldenOriented.py

For each image NAME.png: NAME.bin.gz is cv2.imdecode(file, IMREAD_COLOR): uint8, BGR, rows first.
index.json lists them with their sizes.
"""
import gzip
import json
import pathlib
import struct
import zlib

import cv2
import numpy as np

out = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "fixtures" / "oriented"
height, width = 7, 11


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(orientation, order="<"):
    head = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return head + struct.pack(order + "IH", 8, 1) + entry + struct.pack(order + "I", 0)


def png(before=(), after=()):
    rgb = np.random.RandomState(1).randint(0, 256, (height, width, 3)).astype(np.uint8)
    raw = b"".join(b"\0" + row.tobytes() for row in rgb)
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), *before]
    parts += [chunk(b"IDAT", zlib.compress(raw, 9)), *after, chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def exif(data):
    return chunk(b"eXIf", data)


broken = exif(tiff(6))[:-4] + b"\0\0\0\0"
images = {f"little-{n}": png([exif(tiff(n))]) for n in range(1, 9)}
images |= {f"big-{n}": png([exif(tiff(n, ">"))]) for n in (3, 6)}
images |= {
    "none": png(),
    "behind-the-pixels": png((), [exif(tiff(8))]),
    "twice": png([exif(tiff(6)), exif(tiff(3))]),
    "before-and-behind": png([exif(tiff(6))], [exif(tiff(3))]),
    "out-of-range": png([exif(tiff(9))]),
    "zero": png([exif(tiff(0))]),
    "as-in-jpeg": png([exif(b"Exif\0\0" + tiff(6))]),
    "wrong-checksum": png([broken]),
    "wrong-checksum-then-right": png([broken, exif(tiff(3))]),
    "empty": png([exif(b"")]),
}

out.mkdir(parents=True, exist_ok=True)
index = []
for name, data in images.items():
    (out / f"{name}.png").write_bytes(data)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    (out / f"{name}.bin.gz").write_bytes(gzip.compress(pixels.tobytes(), 9, mtime=0))
    index.append({"file": f"{name}.png", "golden": f"{name}.bin.gz", "height": pixels.shape[0], "width": pixels.shape[1]})
(out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
