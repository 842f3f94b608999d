"""Files that are no pictures for a network, and the sentences that visitors read about them."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


def photograph(width: int = 240, height: int = 200, seed: int = 0) -> Image.Image:
    """A picture like no other seed's."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@dataclass(frozen=True)
class Refused:
    """A file by its `name`, what is in it, and what is said about it in each language."""

    name: str
    content: Callable[[], bytes]
    said: dict[str, str]

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        path.write_bytes(self.content())
        return path


REFUSED = {
    "empty": Refused(
        "empty.png",
        lambda: b"",
        {
            "en": "empty.png is empty (0 bytes). Choose another file.",
            "zh": "empty.png 是空文件（0 字节）。请换一个文件。",
        },
    ),
    "text": Refused(
        "notes.jpg",
        lambda: b"Not a picture, whatever its name says.\n",
        {
            "en": "notes.jpg could not be read as an image. Choose a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file, or "
            "save it as PNG first.",
            "zh": "notes.jpg 不是可读取的图片。请选择 JPEG、PNG、GIF、WebP、AVIF、BMP 或 TIFF 文件，或先另存为 PNG。",
        },
    ),
    "truncated": Refused(
        "half.jpg",
        lambda: encoded(photograph(), "JPEG")[:2500],
        {
            "en": "The JPEG image half.jpg is damaged or incomplete. Save or download it again.",
            "zh": "JPEG 图片 half.jpg 已损坏或不完整。请重新保存或下载。",
        },
    ),
    "tiny": Refused(
        "tiny.png",
        lambda: encoded(photograph(5, 4)),
        {
            "en": "tiny.png is 5 x 4 pixels; each side needs at least 8. Choose a larger image.",
            "zh": "tiny.png 只有 5 x 4 像素；每边至少需要 8 像素。请换一张更大的图片。",
        },
    ),
    "ratio": Refused(
        "strip.png",
        lambda: encoded(photograph(600, 20)),
        {
            "en": "strip.png is 600 x 20 pixels; one side may be at most 20 times the other. Crop it.",
            "zh": "strip.png 为 600 x 20 像素；长边不得超过短边的 20 倍。请裁剪后再试。",
        },
    ),
    "heavy": Refused(
        "heavy.bmp",
        lambda: b"BM".ljust(20_000_001, b"\0"),
        {
            "en": "heavy.bmp has more than 20 MB. Save it smaller, for example as JPEG.",
            "zh": "heavy.bmp 超过了 20 MB。请压缩后再试，例如存为 JPEG。",
        },
    ),
}
