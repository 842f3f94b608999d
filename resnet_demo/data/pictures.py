"""Images from visitors: checked before decoding, then converted to upright RGB as a person would see them."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageFile

from resnet_demo.data.names import text_of
from resnet_demo.errors import PictureError

MAX_MEGABYTES = 20
MAX_MEGAPIXELS = 50
MIN_SIDE = 8
MAX_RATIO = 20
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
"""Pillow's names of the formats that are opened. Some others run programs (EPS) or have no signature (TGA)."""

# The exceptions that Pillow's readers raise for damaged files.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
PHOTOMETRIC, YCBCR = 262, 6
"""A TIFF's tag for how its colours are stored, and its value for brightness and two colour differences."""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""From EXIF orientation (CIPA DC-008, tag 0x0112) to the transposition that undoes it."""


def read_picture(path: str | Path) -> Image.Image:
    """The image in a file, RGB and upright; for an animation, its first frame.

    Raises PictureError when the file is missing, empty, not an image, damaged, larger than 20 MB or 50 megapixels, has
    a side under 8 pixels, or one side more than 20 times the other. The limits are checked before decoding.
    """
    path = Path(path)
    return decode(read_content(path), text_of(path.name))


def decode(content: bytes, name: str) -> Image.Image:
    """The picture in the bytes of a file, as `read_picture` gives it; errors call it `name`."""
    image = _open(content, name)
    _check_size(*image.size, name)
    if getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == YCBCR and image.info.get("compression") == "raw":
        raise _unknown_kind(name)
    try:
        image.load()
    except _DAMAGED as error:
        raise _damaged(name, str(image.format)) from error
    return to_rgb(image)


def format_of(start: bytes) -> str | None:
    """Pillow's name of the format that a file's first 16 bytes announce; None for what is not read here."""
    Image.init()
    for kind in FORMATS:
        accept = Image.OPEN[kind][1]
        if accept is not None and accept(start) is True:
            return kind
    return None


def to_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode as RGB: upright according to its EXIF data, transparency on white, deep greys in 8 bits."""
    if image.mode == "RGB" and not image.info:
        return image  # came from here
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        rgb = _scale_grey(image).convert("RGB")
    elif image.has_transparency_data:
        rgba = image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA")
        rgb = Image.alpha_composite(Image.new("RGBA", image.size, "white"), rgba).convert("RGB")
    else:
        rgb = image.convert("RGB")
    turn = _UPRIGHT.get(_orientation(image))
    upright = rgb if turn is None else rgb.transpose(turn)
    upright.info.clear()  # when and where a photo was taken is private, and it must not be rotated twice
    return upright


def read_content(path: Path) -> bytes:
    """The bytes of a file. Raises PictureError when it is missing, a pipe, empty, or larger than 20 MB."""
    name = text_of(path.name)
    if not path.is_file():  # opening a pipe waits for whoever writes into it
        raise PictureError("picture_missing", name=name)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read() if size <= MAX_MEGABYTES * 10**6 else b""
    except OSError as error:
        raise PictureError("picture_missing", name=name) from error
    if size == 0:
        raise PictureError("picture_empty", name=name)
    if not content:
        raise PictureError("picture_bytes", name=name, limit=MAX_MEGABYTES)
    return content


def _open(content: bytes, name: str) -> ImageFile.ImageFile:
    """The picture with its header read. Not by Image.open, whose guard against large pictures would hide the size."""
    kind = format_of(content[:16])
    if kind is None:
        raise PictureError("picture_unreadable", name=name)
    factory, _ = Image.OPEN[kind]
    try:
        return factory(io.BytesIO(content), "")
    except _DAMAGED as error:
        raise _unknown_kind(name) if str(error) == "unknown pixel mode" else _damaged(name, kind) from error


def _check_size(width: int, height: int, name: str) -> None:
    values = {"name": name, "width": width, "height": height}
    if width * height > MAX_MEGAPIXELS * 10**6:
        raise PictureError("picture_pixels", **values, limit=MAX_MEGAPIXELS)
    if min(width, height) < MIN_SIDE:
        raise PictureError("picture_small", **values, limit=MIN_SIDE)
    if max(width, height) > MAX_RATIO * min(width, height):
        raise PictureError("picture_ratio", **values, limit=MAX_RATIO)


def _unknown_kind(name: str) -> PictureError:
    """For what Pillow cannot decode: colours in floating point, or YCbCr that is not compressed."""
    return PictureError("picture_kind", name=name)


def _damaged(name: str, kind: str) -> PictureError:
    return PictureError("picture_truncated", name=name, format=kind)


def _orientation(image: Image.Image) -> int:
    """The orientation, 1 to 8 as in EXIF; 1 (upright) if the EXIF data is missing or broken."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGED:
        return 1


def _scale_grey(image: Image.Image) -> Image.Image:
    """Converts 16-bit, 32-bit and floating-point grey to 8 bits.

    Black is 0 and white is 65535 for 16 bits. The other formats have no agreed white: it is the first of 1 (floating
    point only), 255 and 65535 that no pixel exceeds. If none fits, black and white are the image's own extremes.
    """
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0, neginf=0)
    black, high = float(values.min()), float(values.max())
    whites = {"I": (255, 65535), "F": (1, 255, 65535)}.get(image.mode, (65535,))
    white = next((white for white in whites if high <= white), None) if black >= 0 else None
    if white is None:
        scale = 255 / (high - black) if high > black else 0
    else:
        black, scale = 0, 255 / white
    values *= scale
    values -= black * scale
    grey = Image.fromarray(np.rint(values, out=values).astype(np.uint8))
    transparent = image.info.get("transparency")  # one grey value of a 16-bit PNG
    if isinstance(transparent, int):
        grey.paste(255, mask=Image.fromarray(np.asarray(image) == transparent))
    return grey
