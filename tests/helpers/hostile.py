"""What a careless or hostile client may send: values of every wrong kind, and files that are not what they seem."""

import io
import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from tests.helpers.refused import encoded, photograph

UPLOAD = {"_type": "gradio.FileData"}


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


VALUES: dict[str, Any] = {
    "null": None,
    "a flag": True,
    "a flag as text": "false",
    "an unknown name": "nope",
    "no characters": "",
    "a number as text": "224",
    "not a number": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "more digits than a float has": 10**400,
    "the largest float": 1.7e308,
    "negative": -1,
    "a half": 0.5,
    "an empty list": [],
    "a list of nothing": [None],
    "a list of lists": [[["resnet18-imagenette"]]],
    "a list with an unknown name": ["nope"],
    "a long list": ["resnet18-imagenette"] * 10_000,
    "a deep list": nested(300),
    "an object": {},
    "an object of objects": {"a": {"b": {"c": 1}}},
    "a file of the server": {"path": "/etc/hostname"},
    "a file of the server, marked as an upload": {"path": "/etc/hostname", "meta": UPLOAD},
    "a mark that is a number": {"path": "/etc/hostname", "meta": 5},
    "a way out of the uploads": {"path": "../../../etc/hostname", "meta": UPLOAD},
    "an address": {"path": "http://192.0.2.1/a.png", "meta": UPLOAD},
    "an address of a file": {"url": "file:///etc/hostname"},
    "a stream": {"path": "/etc/hostname", "is_stream": True, "meta": UPLOAD},
    "a broken data: URL": {"url": "data:image/png;base64,?"},
    "100,000 characters": "x" * 100_000,
    "text from right to left": "\u202eteneser",
    "text with zero width": "res\u200bnet\ufeff18",
    "half of a character": "\ud800",
    "a null character": "resnet18\0",
    "a line break": "resnet18\nresnet34",
    "a path": "../../etc/passwd",
    "markup": "<img src=x onerror=alert(1)>",
    "a format": "{0.__class__}{name}%s",
}


def png(width: int, height: int, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    """A PNG by its header; `data` are the bytes of its rows, uncompressed."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def tiff(values: "np.ndarray[Any, Any]", photometric: int = 2, sample_format: int = 1) -> bytes:
    """A baseline TIFF of one strip; three samples a pixel, as wide as `values` has them."""
    height, width, samples = values.shape
    data, bits = values.tobytes(), 8 * values.dtype.itemsize
    tags = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, samples, 8), 259: (3, 1, 1), 262: (3, 1, photometric),
        273: (4, 1, 20 + 2 + 12 * 11 + 4), 277: (3, 1, samples), 278: (4, 1, height), 279: (4, 1, len(data)),
        284: (3, 1, 1), 339: (3, samples, 14),
    }  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, count, value) for tag, (kind, count, value) in tags.items())
    more = struct.pack("<6H", *[bits] * 3, *[sample_format] * 3)
    return b"II*\0" + struct.pack("<I", 20) + more + struct.pack("<H", len(tags)) + entries + bytes(4) + data


def _saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image or photograph(64, 48)).save(buffer, kind, **options)
    return buffer.getvalue()


def whole_pictures() -> dict[str, bytes]:
    """Files of unusual kinds that hold a picture all the same."""
    image, other = photograph(64, 48), photograph(64, 48, seed=1)
    grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
    animated: dict[str, Any] = {"save_all": True, "append_images": [other]}
    return {
        **{f"plain.{kind.lower()}": _saved(kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")},
        **{f"animated.{kind.lower()}": _saved(kind, **animated) for kind in ("PNG", "GIF", "WEBP", "AVIF", "TIFF")},
        "print.jpg": _saved("JPEG", image.convert("CMYK")),
        "print.tiff": _saved("TIFF", image.convert("CMYK")),
        "grey.png": _saved("PNG", image.convert("L")),
        "deep-grey.png": _saved("PNG", Image.fromarray(grey)),
        "deep.png": png(64, 48, 16, 2, b"".join(b"\0" + bytes(range(96)) * 4 for _ in range(48))),
        "two-tone.png": _saved("PNG", image.convert("1")),
        "palette.png": _saved("PNG", image.quantize(8)),
        "transparent.png": _saved("PNG", image.convert("RGBA")),
        "ycbcr.tiff": _saved("TIFF", image.convert("YCbCr")),
        "float.tiff": tiff(np.asarray(image).astype("<f4") / 255, sample_format=3),
        "wide.png": _saved("PNG", image.resize((160, 8))),
        "tall.png": _saved("PNG", image.resize((8, 160))),
        "more-behind.jpg": _saved("JPEG") + b"more" * 500,
    }


def broken_pictures() -> Iterator[tuple[str, bytes]]:
    """Name and content of files of which each has to be refused in words, or shown."""
    for name, content in whole_pictures().items():
        stem, _, kind = name.partition(".")
        for share in (0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9):
            yield f"{stem}-{share}.{kind}", content[: int(share * len(content))]
        for seed in range(3):
            damaged = bytearray(content)
            for place in np.random.default_rng(seed).integers(0, len(content), 8):
                damaged[place] ^= 0xFF
            yield f"{stem}-damaged-{seed}.{kind}", bytes(damaged)
        yield f"{stem}.{'png' if kind != 'png' else 'jpg'}", content  # called by another kind's name
    for width, height in ((1, 1), (7, 7), (1, 30_000), (30_000, 1), (2100, 100), (100, 2100)):
        yield f"{width}x{height}.png", encoded(Image.new("RGB", (width, height)))
    for width, height in ((0, 0), (0, 10), (2**31 - 1, 2**31 - 1), (50_000, 50_000), (12_000, 12_000)):
        yield f"bomb-{width}x{height}.png", png(width, height, data=bytes(10**6))
    texts = {
        "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "page.jpg": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "pointer.jpg": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 1\n",
        "eps.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/hostname) run\n",
        "paper.png": b"%PDF-1.7\n",
        "archive.jpg": b"PK\x03\x04" + bytes(60),
        "pickle.png": b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
        "photo.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400),
        "zeros.gif": bytes(1000),
        "mark.jpg": b"\xef\xbb\xbf" + _saved("JPEG"),
    }
    yield from texts.items()
