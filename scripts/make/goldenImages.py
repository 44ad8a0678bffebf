"""Writes test/fixtures/images: images, and what OpenCV makes of them.

Run in an environment of its own, never needed by the build or the tests:
    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install opencv-python-headless==4.7.0.72 numpy==1.23.5 pillow==10.4.0
    /tmp/golden/bin/python scripts/make/goldenImages.py

For each image NAME.jpg or NAME.png:
    NAME.bin.gz         cv2.imdecode(file, IMREAD_COLOR): uint8, BGR, rows first
    NAME.HxW.bin.gz     the same after cv2.resize(..., INTER_LINEAR) to H rows and W columns
index.json lists them with their sizes.
"""
import gzip
import io
import json
import pathlib
import struct
import zlib

import cv2
import numpy as np
from PIL import Image

out = pathlib.Path(__file__).resolve().parent.parent.parent / "test" / "fixtures" / "images"
height, width = 43, 61


def scene():
    """Gradients, sharp coloured edges and a little noise: what breaks careless chroma upsampling."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    b = 255 * x / width
    g = 255 * y / height
    r = 127 + 120 * np.sin(x / 5) * np.cos(y / 7)
    img = np.stack([b, g, r], -1)
    img[(x - 20) ** 2 + (y - 15) ** 2 < 90] = (0, 0, 255)
    img[(x - 40) ** 2 + (y - 28) ** 2 < 60] = (255, 32, 0)
    img[(x > 45) & (y < 12)] = (0, 255, 0)
    img += np.random.RandomState(7).normal(0, 6, img.shape)
    return np.clip(img, 0, 255).astype(np.uint8)


def jpeg(img, *params):
    ok, data = cv2.imencode(".jpg", img, list(params))
    assert ok
    return data.tobytes()


def with_orientation(data, orientation):
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack("<I", 0)
    segment = b"Exif\0\0" + tiff
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


def png(rows, bits, colour, w=width, h=height, interlaced=False, extra=()):
    """rows: uint8 [h, bytes]; filter types are cycled so that each of the five is met."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    step = max(1, bits * channels // 8)

    def filtered(lines):
        result, above = b"", None
        for i, line in enumerate(lines):
            line = np.frombuffer(bytes(line), np.uint8).astype(np.int32)
            up = np.zeros_like(line) if above is None else above
            left = np.concatenate([np.zeros(step, np.int32), line])[: len(line)]
            corner = np.concatenate([np.zeros(step, np.int32), up])[: len(line)]
            p = left + up - corner
            pa, pb, pc = abs(p - left), abs(p - up), abs(p - corner)
            paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, up, corner))
            guess = [0, left, up, (left + up) // 2, paeth][i % 5]
            result += bytes([i % 5]) + ((line - guess) & 255).astype(np.uint8).tobytes()
            above = line
        return result

    if interlaced:
        assert bits == 8
        pixels = rows.reshape(h, w, channels)
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        raw = b"".join(filtered(list(pixels[y0::dy, x0::dx].reshape(len(pixels[y0::dy]), -1))) for x0, y0, dx, dy in passes)
    else:
        raw = filtered(list(rows))
    head = struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(k, d) for k, d in extra) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def packed(values, bits):
    """values: uint8 [h, w] below 2**bits, packed to rows of bytes."""
    shifted = np.unpackbits(values[..., None], axis=-1)[..., 8 - bits:]
    return np.packbits(shifted.reshape(values.shape[0], -1), axis=-1)


img = scene()
rgb = img[..., ::-1].copy()
gray = cv2.cvtColor(img, cv2.COLOR_BGR2GRAY)
alpha = np.dstack([rgb, (gray // 2)[..., None]])
deep = rgb.astype(np.uint16) * 256 + np.random.RandomState(3).randint(0, 256, rgb.shape).astype(np.uint16)
palette = np.random.RandomState(5).randint(0, 256, (16, 3)).astype(np.uint8)
sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR
cmyk = io.BytesIO()
Image.fromarray(rgb).convert("CMYK").save(cmyk, "JPEG", quality=90)

images = {
    "jpeg-444.jpg": jpeg(img, sampling, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    "jpeg-420.jpg": jpeg(img, sampling, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
    "jpeg-422.jpg": jpeg(img, sampling, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422),
    "jpeg-440.jpg": jpeg(img, sampling, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440),
    "jpeg-gray.jpg": jpeg(gray),
    "jpeg-progressive.jpg": jpeg(img, cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_QUALITY, 80),
    "jpeg-restart.jpg": jpeg(img, cv2.IMWRITE_JPEG_RST_INTERVAL, 3),
    "jpeg-exif6.jpg": with_orientation(jpeg(img), 6),
    "jpeg-exif7.jpg": with_orientation(jpeg(img), 7),
    "jpeg-cmyk.jpg": cmyk.getvalue(),
    "png-rgb.png": png(rgb.reshape(height, -1), 8, 2),
    "png-interlaced.png": png(rgb.reshape(height, -1), 8, 2, interlaced=True),
    "png-alpha.png": png(alpha.reshape(height, -1), 8, 6),
    "png-gray-alpha.png": png(np.dstack([gray, gray // 2]).reshape(height, -1), 8, 4),
    "png-16bit.png": png(deep.astype(">u2").view(np.uint8).reshape(height, -1), 16, 2),
    "png-gray.png": png(gray, 8, 0),
    "png-gray-2bit.png": png(packed(gray // 64, 2), 2, 0),
    "png-gray-1bit.png": png(packed(gray // 128, 1), 1, 0),
    "png-palette-4bit.png": png(packed(gray // 16, 4), 4, 3, extra=[(b"PLTE", palette.tobytes()), (b"tRNS", bytes(range(0, 160, 10)))]),
    "png-transparent-colour.png": png(rgb.reshape(height, -1), 8, 2, extra=[(b"tRNS", rgb[0, 0].astype(">u2").tobytes())]),
}
resized = {
    "jpeg-420.jpg": [(17, 24), (80, 96), (43, 24), (224, 40)],
    "jpeg-gray.jpg": [(20, 20)],
    "jpeg-exif6.jpg": [(32, 32)],
    "png-rgb.png": [(21, 30), (86, 122), (1, 1), (64, 13)],
    "png-even.png": [(20, 30), (10, 15), (20, 15)],
}
images["png-even.png"] = png(rgb[:40, :60].reshape(40, -1), 8, 2, w=60, h=40)

out.mkdir(parents=True, exist_ok=True)
for old in list(out.glob("*.bin.gz")) + list(out.glob("*.jpg")) + list(out.glob("*.png")):
    old.unlink()


def golden(name, pixels):
    (out / name).write_bytes(gzip.compress(pixels.tobytes(), 9, mtime=0))


index = []
for name, data in images.items():
    (out / name).write_bytes(data)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    stem = name.rsplit(".", 1)[0]
    golden(f"{stem}.bin.gz", pixels)
    index.append({"file": name, "golden": f"{stem}.bin.gz", "height": pixels.shape[0], "width": pixels.shape[1]})
    for h, w in resized.get(name, []):
        small = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_LINEAR)
        golden(f"{stem}.{h}x{w}.bin.gz", small)
        index.append({"file": name, "golden": f"{stem}.{h}x{w}.bin.gz", "height": h, "width": w, "resize": True})
(out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
