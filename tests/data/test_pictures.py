"""Pictures from visitors: shown as a person expects, or refused with a sentence that helps."""

import io
import os
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from resnet_demo.data.pictures import read_picture, to_rgb
from resnet_demo.errors import PictureError
from tests.helpers.hostile import whole_pictures

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
EXTENSIONS = ("jpg", "png", "gif", "webp", "avif", "bmp", "tiff")


def pair(mode: str, left: object, right: object) -> Image.Image:
    """(16, 16), its left half of one colour, its right half of another."""
    image = Image.new(mode, (16, 16), left)  # type: ignore[arg-type]
    image.paste(right, (8, 0, 16, 16))  # type: ignore[arg-type]
    return image


def seen(path: Path | str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The colours of a file's left and right half, after its mode was checked."""
    picture = read_picture(path)
    assert picture.mode == "RGB"
    left, right = np.asarray(picture)[8, [2, 13]].tolist()
    return tuple(left), tuple(right)


def refusal(path: Path) -> PictureError:
    with pytest.raises(PictureError) as caught:
        read_picture(path)
    return caught.value


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, row: bytes = b"", transparent: bytes = b"") -> bytes:
    """A PNG from its parts: `row` repeated, or a header with no pixels at all."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + header
    if transparent:
        content += chunk(b"tRNS", transparent)
    if row:
        content += chunk(b"IDAT", zlib.compress((b"\0" + row) * height))
    return content + chunk(b"IEND", b"")


# ---------------------------------------------------------------------------------------------- shown as expected


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_format_opens(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    pair("RGB", RED, (0, 0, 200)).save(path)
    left, right = seen(path)
    assert np.allclose(left, RED, atol=6)
    assert np.allclose(right, (0, 0, 200), atol=6)


def test_the_content_decides_and_not_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "picture.txt"
    pair("RGB", RED, BLUE).save(path, "PNG")
    assert seen(path) == (RED, BLUE)
    assert seen(str(path)) == (RED, BLUE)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (pair("RGBA", (0, 0, 0, 0), (255, 0, 0, 255)), (WHITE, RED)),
        (pair("RGBA", (255, 0, 0, 128), (0, 0, 0, 51)), ((255, 127, 127), (204, 204, 204))),
        (pair("LA", (0, 0), (0, 128)), (WHITE, (127, 127, 127))),
        (pair("L", 7, 200), ((7, 7, 7), (200, 200, 200))),
        (pair("1", 0, 1), (BLACK, WHITE)),
    ],
    ids=["RGBA", "RGBA half", "LA", "L", "1"],
)
def test_transparent_and_grey_pictures(image: Image.Image, expected: object, tmp_path: Path) -> None:
    image.save(tmp_path / "a.png")
    assert seen(tmp_path / "a.png") == expected


def palette() -> Image.Image:
    image = pair("P", 0, 1)
    image.putpalette([*RED, *BLUE])
    return image


@pytest.mark.parametrize("extension", ["png", "gif", "bmp", "tiff"])
def test_palette(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    palette().save(path)
    assert seen(path) == (RED, BLUE)


@pytest.mark.parametrize("extension", ["png", "gif"])
def test_palette_with_a_transparent_colour(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    palette().save(path, transparency=0)
    assert seen(path) == (WHITE, BLUE)


def test_palette_with_an_opacity_for_each_colour(tmp_path: Path) -> None:
    palette().save(tmp_path / "a.png", transparency=bytes([51, 255]))
    assert seen(tmp_path / "a.png") == ((255, 204, 204), BLUE)


def test_palette_with_an_alpha_channel(tmp_path: Path) -> None:
    image = palette().convert("PA")
    image.putalpha(pair("L", 0, 255))
    image.save(tmp_path / "a.tiff")
    assert seen(tmp_path / "a.tiff") == (WHITE, BLUE)


@pytest.mark.parametrize(
    ("mode", "left", "right", "transparency", "expected"),
    [
        ("RGB", RED, BLUE, RED, (WHITE, BLUE)),
        ("L", 7, 200, 7, (WHITE, (200, 200, 200))),
        ("1", 0, 1, 0, (WHITE, WHITE)),
    ],
)
def test_one_transparent_colour(
    mode: str, left: object, right: object, transparency: object, expected: object, tmp_path: Path
) -> None:
    pair(mode, left, right).save(tmp_path / "a.png", transparency=transparency)
    assert seen(tmp_path / "a.png") == expected


@pytest.mark.parametrize("mode", ["La", "RGBa"])
def test_premultiplied_alpha(mode: str) -> None:
    image = Image.new(mode, (8, 8), 0)
    assert to_rgb(image).getpixel((0, 0)) == WHITE


@pytest.mark.parametrize(
    ("cmyk", "rgb"),
    [((0, 255, 255, 0), RED), ((255, 0, 0, 0), (0, 255, 255)), ((0, 0, 0, 255), BLACK), ((0,) * 4, WHITE)],
)
@pytest.mark.parametrize("extension", ["jpg", "tiff"])
def test_cmyk(extension: str, cmyk: tuple[int, ...], rgb: object, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    Image.new("CMYK", (16, 16), cmyk).save(path, quality=100)
    assert extension == "tiff" or b"Adobe" in path.read_bytes()  # which means: stored inverted
    assert seen(path) == (rgb, rgb)


def test_cmyk_as_adobe_stores_it_in_ycck(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    # Inverted red is C, M, Y, K = 255, 0, 0, 255; 255 - CMY as YCbCr is 179, 171, 1. Pillow inverts what it is given.
    Image.new("CMYK", (16, 16), (255 - 179, 255 - 171, 255 - 1, 0)).save(path, quality=100, subsampling=0)
    content = bytearray(path.read_bytes())
    content[content.index(b"Adobe") + 11] = 2  # the marker's transform: YCCK
    path.write_bytes(content)
    left, right = seen(path)
    assert left == right
    assert np.allclose(left, RED, atol=3)


def grey(values: list[float], dtype: str) -> Image.Image:
    return Image.fromarray(np.tile(np.array(values, dtype).repeat(16 // len(values)), (16, 1)))


@pytest.mark.parametrize(("dtype", "extension"), [("<u2", "png"), ("<u2", "tiff"), (">u2", "tiff")])
def test_16_bit_grey_is_scaled_and_not_clipped(dtype: str, extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    grey([0, 256, 32768, 65535], dtype).save(path)
    picture = read_picture(path)
    assert [picture.getpixel((x, 3)) for x in (1, 5, 9, 13)] == [BLACK, (1, 1, 1), (128, 128, 128), WHITE]


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("<i4", [0, 256, 32768, 65535], [0, 1, 128, 255]),
        ("<i4", [0, 50, 100, 255], [0, 50, 100, 255]),
        ("<i4", [-100, 0, 100, 300], [0, 64, 128, 255]),
        ("<i4", [0, 0, 50_000, 100_000], [0, 0, 128, 255]),
        ("<i4", [-5, -5, -5, -5], [0, 0, 0, 0]),
        ("<f4", [0, 0.2, 0.5, 0.8], [0, 51, 128, 204]),
        ("<f4", [0, 51.2, 100, 204], [0, 51, 100, 204]),
        ("<f4", [0, 256, 32768, 65535], [0, 1, 128, 255]),
        ("<f4", [-1, 0, 1, 3], [0, 64, 128, 255]),
        ("<f4", [float("nan"), 0, 0.2, float("inf")], [0, 0, 51, 0]),
        ("<f4", [-3e38, 0, 0, 3e38], [0, 128, 128, 255]),
    ],
)
def test_32_bit_and_floating_point_grey(dtype: str, values: list[float], expected: list[int], tmp_path: Path) -> None:
    grey(values, dtype).save(tmp_path / "a.tiff")
    picture = read_picture(tmp_path / "a.tiff")
    assert [picture.getpixel((x, 3)) for x in (1, 5, 9, 13)] == [(value,) * 3 for value in expected]


@pytest.mark.parametrize(
    ("colour", "row", "transparent", "expected"),
    [
        (0, struct.pack(">H", 32768) * 8 + struct.pack(">H", 65535) * 8, b"", ((128, 128, 128), WHITE)),
        (0, struct.pack(">H", 32768) * 8 + bytes(16), struct.pack(">H", 32768), (WHITE, BLACK)),
        (2, struct.pack(">HHH", 65535, 0, 0) * 8 + struct.pack(">HHH", 0, 0, 0x8080) * 8, b"", (RED, (0, 0, 128))),
        (4, struct.pack(">HH", 0, 0) * 8 + struct.pack(">HH", 0, 65535) * 8, b"", (WHITE, BLACK)),
        (6, struct.pack(">HHHH", 0, 0, 0, 0) * 8 + struct.pack(">HHHH", 65535, 0, 0, 65535) * 8, b"", (WHITE, RED)),
    ],
    ids=["grey", "grey with a transparent value", "RGB", "grey and alpha", "RGBA"],
)
def test_16_bit_png(colour: int, row: bytes, transparent: bytes, expected: object, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(16, 16, 16, colour, row, transparent))
    assert seen(tmp_path / "a.png") == expected


CORNERS = {  # orientation: top left, top right, bottom left, bottom right, when RGBW are stored in this order
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
}


@pytest.mark.parametrize("orientation", CORNERS)
@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tiff", "avif"])
def test_photos_are_turned_upright_once(extension: str, orientation: int, tmp_path: Path) -> None:
    stored = Image.new("RGB", (64, 32), RED)
    for colour, corner in ((GREEN, (32, 0)), (BLUE, (0, 16)), (WHITE, (32, 16))):
        stored.paste(colour, (*corner, corner[0] + 32, corner[1] + 16))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored.save(tmp_path / f"a.{extension}", exif=exif, quality=95)
    picture = read_picture(tmp_path / f"a.{extension}")
    assert picture.size == ((64, 32) if orientation < 5 else (32, 64))
    found = np.asarray(picture)[[4, 4, -5, -5], [4, -5, 4, -5]]
    assert np.allclose(found, CORNERS[orientation], atol=12)
    assert not picture.info
    assert not picture.getexif()
    assert to_rgb(picture) is picture


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0garbage",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0",  # orientation 99
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0abc\0\0\0\0\0",  # orientation "abc"
    ],
)
def test_broken_exif_data_do_not_matter(exif: bytes, tmp_path: Path) -> None:
    pair("RGB", BLACK, WHITE).save(tmp_path / "a.jpg", exif=exif, quality=100)
    assert seen(tmp_path / "a.jpg") == (BLACK, WHITE)


@pytest.mark.parametrize("extension", ["gif", "png", "webp", "tiff", "avif"])
def test_an_animation_shows_its_first_frame(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{extension}"
    frames = [pair("RGB", BLACK, WHITE), Image.new("RGB", (16, 16), BLUE)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    left, right = seen(path)
    assert np.allclose(left, BLACK, atol=3)
    assert np.allclose(right, WHITE, atol=3)


def test_the_given_image_is_left_as_it_was() -> None:
    image = pair("RGBA", (1, 2, 3, 4), (5, 6, 7, 8))
    image.info["comment"] = "mine"
    before = image.tobytes()
    assert to_rgb(image).info == {}
    assert (image.mode, image.tobytes(), image.info) == ("RGBA", before, {"comment": "mine"})


# -------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"hello"),
        ("notes.png", b"this is no picture, whatever it is called"),
        ("drawing.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
        ("figure.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n"),
        ("page.html", b"<!doctype html><html></html>"),
        ("archive.zip", b"PK\x03\x04" + bytes(60)),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)),
        ("zeros.bin", bytes(100)),
    ],
)
def test_what_is_no_picture(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    error = refusal(tmp_path / name)
    assert error.key == "picture_unreadable"
    assert str(error) == (
        f"{name} could not be read as an image. "
        "Choose a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file, or save it as PNG first."
    )
    assert error.values == {"name": name}


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    error = refusal(tmp_path / "empty.png")
    assert (error.key, str(error)) == ("picture_empty", "empty.png is empty (0 bytes). Choose another file.")


@pytest.mark.parametrize("name", ["nothing.png", "", "pipe.png", "zero.png"])
def test_a_missing_file_a_folder_a_pipe_and_a_device(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    error = refusal(tmp_path / name)
    shown = name or tmp_path.name
    assert (error.key, str(error)) == ("picture_missing", f"There is no readable file {shown}. Check its path.")


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_truncated_file(extension: str, kept: float, tmp_path: Path) -> None:
    path = tmp_path / f"half.{extension}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    error = refusal(path)
    kind = "JPEG" if extension == "jpg" else extension.upper()
    assert error.key == "picture_truncated"
    assert str(error) == f"The {kind} image {path.name} is damaged or incomplete. Save or download it again."
    assert error.values == {"name": path.name, "format": kind}


@pytest.mark.parametrize("name", ["ycbcr.tiff", "float.tiff"])
def test_a_whole_tiff_of_another_kind_is_not_called_damaged(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(whole_pictures()[name])
    error = refusal(tmp_path / name)
    assert (error.key, str(error)) == (
        "picture_kind",
        f"{name} is a TIFF image of a kind that cannot be read here. Save it with 8 bits a colour, for example as PNG.",
    )


def test_too_many_bytes(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(20_000_001)
    error = refusal(path)
    assert error.key == "picture_bytes"
    assert str(error) == "big.png has more than 20 MB. Save it smaller, for example as JPEG."
    with path.open("r+b") as file:
        file.truncate(20_000_000)
    assert refusal(path).key == "picture_unreadable"  # zeros, but not too many of them


@pytest.mark.parametrize(("width", "height"), [(10_000, 5_001), (30_000, 30_000), (2**31 - 1, 8)])
def test_too_many_pixels_by_the_header_alone(width: int, height: int, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(width, height, 8, 2))
    error = refusal(tmp_path / "a.png")
    assert error.key == "picture_pixels"
    assert str(error) == (f"a.png is {width} x {height} pixels; the limit is 50 million pixels. Scale it down.")
    assert Image.MAX_IMAGE_PIXELS == 89_478_485  # Pillow's own guard stays up for the rest of the program


def test_as_many_pixels_as_allowed_are_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(10_000, 5_000, 8, 2))
    assert refusal(tmp_path / "a.png").key == "picture_truncated"  # the header passes; there is nothing behind it


@pytest.mark.parametrize(
    ("size", "key"), [((7, 100), "picture_small"), ((100, 7), "picture_small"), ((1, 1), "picture_small")]
)
def test_too_small(size: tuple[int, int], key: str, tmp_path: Path) -> None:
    Image.new("RGB", size).save(tmp_path / "a.png")
    error = refusal(tmp_path / "a.png")
    assert error.key == key
    assert str(error) == f"a.png is {size[0]} x {size[1]} pixels; each side needs at least 8. Choose a larger image."


@pytest.mark.parametrize("size", [(161, 8), (8, 161)])
def test_too_long(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", size).save(tmp_path / "a.png")
    error = refusal(tmp_path / "a.png")
    assert error.key == "picture_ratio"
    assert str(error) == (
        f"a.png is {size[0]} x {size[1]} pixels; one side may be at most 20 times the other. Crop it."
    )


@pytest.mark.parametrize("size", [(8, 8), (160, 8), (8, 160)])
def test_the_extremes_that_are_allowed(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", size).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").size == size


# ---------------------------------------------------------------------------------------------------------- fuzzed


def specimen(extension: str) -> bytes:
    """A small valid file with EXIF data where the format takes them."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8))
    file = io.BytesIO()
    image.save(file, {"jpg": "JPEG"}.get(extension, extension.upper()), exif=exif)
    return file.getvalue()


SPECIMENS = {extension: specimen(extension) for extension in EXTENSIONS}
fuzz = settings(max_examples=300, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "victim"


def survives(path: Path, content: bytes) -> None:
    """Any other exception than PictureError fails the test."""
    path.write_bytes(content)
    with suppress(PictureError):
        assert read_picture(path).mode == "RGB"


@pytest.mark.filterwarnings("ignore::UserWarning")
@fuzz
@given(st.one_of(st.just(b""), st.sampled_from(list(SPECIMENS.values()))), st.integers(0, 16), st.binary(max_size=300))
def test_random_bytes_behind_any_signature(victim: Path, valid: bytes, kept: int, noise: bytes) -> None:
    survives(victim, valid[:kept] + noise)


@pytest.mark.filterwarnings("ignore::UserWarning")
@fuzz
@given(st.sampled_from(EXTENSIONS), st.integers(0, 10_000))
def test_random_truncations(victim: Path, extension: str, length: int) -> None:
    valid = SPECIMENS[extension]
    survives(victim, valid[: length % len(valid)])


@pytest.mark.filterwarnings("ignore::UserWarning")
@fuzz
@given(
    st.sampled_from(EXTENSIONS), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 7)), min_size=1, max_size=20)
)
def test_random_bit_flips(victim: Path, extension: str, flips: list[tuple[int, int]]) -> None:
    content = bytearray(SPECIMENS[extension])
    for place, bit in flips:
        content[place % len(content)] ^= 1 << bit
    survives(victim, bytes(content))


def test_reading_a_picture_needs_no_torch() -> None:
    code = "import sys, resnet_demo.data.pictures; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
