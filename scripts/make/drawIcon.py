"""Draws media/icon.png, with nothing but Python: 256x256, drawn four times as large and averaged for smooth edges."""
import struct
import sys
import zlib

SIZE, FINE = 256, 4
BACK, CARD, GREEN, LINE = (16, 36, 63), (47, 125, 225), (63, 201, 112), (214, 228, 247)


def rounded(x, y, left, top, right, bottom, radius):
    dx = max(left + radius - x, 0, x - (right - radius))
    dy = max(top + radius - y, 0, y - (bottom - radius))
    return dx * dx + dy * dy <= radius * radius


def color(x, y):
    """The color at a point of the 256x256 drawing; None where it is transparent."""
    if not rounded(x, y, 0, 0, 256, 256, 48):
        return None
    for top in (56, 144):
        if rounded(x, y, 48, top, 208, top + 56, 12):
            if (x - 76) ** 2 + (y - top - 28) ** 2 <= 100:
                return GREEN
            if rounded(x, y, 104, top + 23, 186, top + 33, 5):
                return LINE
            return CARD
    if abs(x - 128) <= 6 and 112 <= y <= 144:
        return LINE
    return BACK


def pixel(px, py):
    points = [
        color(px + (i + 0.5) / FINE, py + (j + 0.5) / FINE) for i in range(FINE) for j in range(FINE)
    ]
    seen = [point for point in points if point]
    if not seen:
        return bytes(4)
    mean = [sum(point[i] for point in seen) // len(seen) for i in range(3)]
    return bytes([*mean, 255 * len(seen) // len(points)])


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(SIZE)) for y in range(SIZE))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0))
png += chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
open(sys.argv[1] if len(sys.argv) > 1 else "media/icon.png", "wb").write(png)
