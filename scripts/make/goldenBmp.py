"""Writes test/fixtures/bmp: BMP files, and what OpenCV makes of them.

Run in an environment of its own, never needed by the build or the tests:
    python3 -m venv /tmp/bmp
    /tmp/bmp/bin/pip install opencv-python-headless==5.0.0.* numpy pillow
    /tmp/bmp/bin/python scripts/make/goldenBmp.py

For each image NAME.bmp: NAME.bin.gz is cv2.imdecode(file, IMREAD_COLOR): uint8, BGR, rows first; none for those that are
refused. index.json lists the others with their sizes.
"""
import gzip
import json
import pathlib
import struct

import cv2
import numpy as np
from PIL import Image

out = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "fixtures" / "bmp"
height, width = 19, 29
y, x = np.mgrid[0:height, 0:width].astype(np.float64)
scene = np.stack([127 + 120 * np.sin(x / 5) * np.cos(y / 7), 255 * y / height, 255 * x / width], -1)
rgb = np.clip(scene + np.random.RandomState(7).normal(0, 6, scene.shape), 0, 255).astype(np.uint8)
bgr = rgb[..., ::-1]
alpha = np.dstack([bgr, np.clip(255 * x / width, 0, 255).astype(np.uint8)])


def bmp(bits, lines, palette=b"", masks=b"", compression=0, top_down=False, info=40, colours=None):
    rows = b"".join(line + b"\0" * (-len(line) % 4) for line in (lines if top_down else reversed(lines)))
    return raw(bits, rows, palette, masks, compression, -height if top_down else height, info, colours)


def raw(bits, rows, palette=b"", masks=b"", compression=0, lines=height, info=40, colours=None):
    count = len(palette) // 4 if colours is None else colours
    head = struct.pack("<IiiHHIIiiII", info, width, lines, 1, bits, compression, len(rows), 2835, 2835, count, 0)
    head += masks if info == 40 else masks.ljust(info - 40, b"\0")
    at = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + head + palette + rows


def packed(index, bits):
    """Indices of a line, several in a byte."""
    ones = "".join(format(i, f"0{bits}b") for i in index)
    ones += "0" * (-len(ones) % 8)
    return bytes(int(ones[i : i + 8], 2) for i in range(0, len(ones), 8))


def paletted(bits, **options):
    image = Image.fromarray(rgb).quantize(2**bits)
    entries = np.array((image.getpalette() + [0] * 768)[: 3 * 2**bits]).reshape(-1, 3)
    palette = b"".join(bytes([b, g, r, 0]) for r, g, b in entries)
    return bmp(bits, [packed(line, bits) for line in np.asarray(image)], palette, **options)


def lines(pixels):
    return [line.tobytes() for line in pixels]


parts = rgb.astype(np.uint16)
bits555 = ((parts[..., 0] >> 3) << 10 | (parts[..., 1] >> 3) << 5 | (parts[..., 2] >> 3)).astype("<u2")
bits565 = ((parts[..., 0] >> 3) << 11 | (parts[..., 1] >> 2) << 5 | (parts[..., 2] >> 3)).astype("<u2")
usual = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
swapped = struct.pack("<III", 0xFF, 0xFF00, 0xFF0000)
grey = bytes(b for i in range(256) for b in (i, i, i, 0))
images = {
    "bits24": bmp(24, lines(bgr)),
    "bits24-top-down": bmp(24, lines(bgr), top_down=True),
    "bits24-v5": bmp(24, lines(bgr), info=124),
    "bits32": bmp(32, lines(alpha)),
    "bits32-masks": bmp(32, lines(alpha), masks=usual, compression=3),
    "bits32-v4": bmp(32, lines(alpha), masks=usual, compression=3, info=108),
    "bits16": bmp(16, lines(bits555)),
    "bits16-565": bmp(16, lines(bits565), masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F), compression=3),
    "grey": bmp(8, lines(rgb[..., 1].copy()), grey),
    "palette8": paletted(8),
    "palette8-top-down": paletted(8, top_down=True),
    "palette4": paletted(4),
    "palette1": paletted(1),
}
refused = {
    "rle8": raw(8, b"".join(bytes([width, i]) + b"\0\0" for i in range(height)) + b"\0\1", grey, compression=1),
    "bits32-swapped": bmp(32, lines(alpha), masks=swapped, compression=3),
    "bits2": bmp(2, [packed(line % 4, 2) for line in rgb[..., 1]], grey[:16]),
}
out.mkdir(parents=True, exist_ok=True)
index = []
for name, data in images.items():
    (out / f"{name}.bmp").write_bytes(data)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    (out / f"{name}.bin.gz").write_bytes(gzip.compress(pixels.tobytes(), 9, mtime=0))
    index.append({"file": f"{name}.bmp", "golden": f"{name}.bin.gz", "height": pixels.shape[0], "width": pixels.shape[1]})
for name, data in refused.items():
    (out / f"{name}.bmp").write_bytes(data)
(out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
