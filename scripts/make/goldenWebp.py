"""Writes test/fixtures/webp: WEBP files, and what OpenCV makes of them. The Flink job does not read WEBP yet.

Run in an environment of its own, never needed by the build or the tests:
    python3 -m venv /tmp/webp
    /tmp/webp/bin/pip install opencv-python-headless==5.0.0.* numpy pillow
    /tmp/webp/bin/python scripts/make/goldenWebp.py

For each image NAME.webp: NAME.bin.gz is cv2.imdecode(file, IMREAD_COLOR): uint8, BGR, rows first; none for animated
ones, which are refused. index.json lists the others with their sizes.
"""
import gzip
import io
import json
import pathlib

import cv2
import numpy as np
from PIL import Image

out = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "fixtures" / "webp"
height, width = 43, 61
y, x = np.mgrid[0:height, 0:width].astype(np.float64)
scene = np.stack([127 + 120 * np.sin(x / 5) * np.cos(y / 7), 255 * y / height, 255 * x / width], -1)
scene[(x - 20) ** 2 + (y - 15) ** 2 < 90] = (255, 0, 0)
rgb = np.clip(scene + np.random.RandomState(7).normal(0, 6, scene.shape), 0, 255).astype(np.uint8)
alpha = np.dstack([rgb, np.clip(255 * x / width, 0, 255).astype(np.uint8)])


def webp(pixels, **options):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "WEBP", **options)
    return data.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return webp(rgb, quality=80, exif=exif.tobytes())


images = {
    "lossy": webp(rgb, quality=80),
    "lossless": webp(rgb, lossless=True),
    "alpha": webp(alpha, quality=80),
    "alpha-lossless": webp(alpha, lossless=True, exact=True),
    "exif6": turned(6),
    "exif3": turned(3),
}
out.mkdir(parents=True, exist_ok=True)
index = []
for name, data in images.items():
    (out / f"{name}.webp").write_bytes(data)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    (out / f"{name}.bin.gz").write_bytes(gzip.compress(pixels.tobytes(), 9, mtime=0))
    index.append({"file": f"{name}.webp", "golden": f"{name}.bin.gz", "height": pixels.shape[0], "width": pixels.shape[1]})
(out / "animated.webp").write_bytes(webp(rgb, save_all=True, append_images=[Image.fromarray(255 - rgb)], duration=100))
(out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
