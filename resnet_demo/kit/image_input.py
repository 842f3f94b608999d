"""The one photograph of the app: upload, webcam, clipboard, or an example."""

import base64
import io
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from time import time

import gradio as gr
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resnet_demo.checks import whole
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.data.examples import Example, examples
from resnet_demo.data.names import text_of
from resnet_demo.data.pictures import decode, read_content
from resnet_demo.errors import PictureError
from resnet_demo.kit.assets import asset
from resnet_demo.kit.controls import Photo
from resnet_demo.kit.listeners import QUIETLY
from resnet_demo.kit.text import t

THUMBNAIL = 112
SENTENCES = ("where", "unkept", "insecure")
"""What is said of a photo's whereabouts; style.css shows the last two where they apply."""


@dataclass(frozen=True)
class PhotoInput:
    """The control, the strip of examples, and a state that changes when an example was chosen."""

    photo: Photo
    examples: gr.HTML
    picked: gr.State


def build_photo(language: str, first: Image.Image | None = None) -> PhotoInput:
    """Lays out the control with the examples below it; `first` is shown at first, else the first example."""
    label = t(language, "photo.label")
    photo = Photo(
        value=first or opened(examples()[0].key),
        sources=["upload", "webcam", "clipboard"],
        image_mode=None,
        format="png",
        type="filepath",
        height=260,
        buttons=["fullscreen"],
        elem_id="photo",
        label=label,
        placeholder=t(language, "photo.placeholder"),
        alt_text=label,
    )
    forget = gr.Button(t(language, "photo.forget"), size="sm", elem_id="photo-forget")
    forget.click(None, None, None, js="() => window.resnet.forget()")
    gr.HTML("".join(f'<p class="hint {name}">{escape(t(language, f"photo.{name}"))}</p>' for name in SENTENCES))
    strip = gr.HTML(_strip(language), js_on_load=asset("kit/static/examples.js"), elem_id="examples")
    return PhotoInput(photo, strip, gr.State())


def wire_photo(given: PhotoInput) -> None:
    """An example that is clicked becomes the photo; a photo of the visitor's own unmarks the examples."""
    # One at a time: of two quick clicks the second one's picture must come last.
    given.examples.select(
        chosen, None, [given.photo, given.picked], trigger_mode="multiple", concurrency_limit=1, **QUIETLY
    )
    own = "(photo) => { document.dispatchEvent(new Event('own-picture')); window.resnet.keep(photo); }"
    given.photo.input(None, given.photo, None, js=own)


def chosen(event: gr.EventData) -> tuple[Image.Image, float]:
    """The example whose thumbnail was clicked, and when."""
    index = whole("index", getattr(event, "index", None), 0, len(examples()) - 1)
    return opened(examples()[index].key), time()


def read(path: str | None) -> Image.Image:
    """The visitor's picture, RGB and upright. Raises PictureError."""
    return decode(*content_of(path))


def content_of(path: str | None) -> tuple[bytes, str]:
    """The visitor's file: its bytes, which `decode` reads, and its name. Raises PictureError."""
    if path is None:
        raise PictureError("picture_none")
    return read_content(Path(path)), text_of(Path(path).name)


@cache
def opened(key: str) -> Image.Image:
    """An example, drawn or read once."""
    return next(example for example in examples() if example.key == key).open()


def example_of(image: Image.Image) -> str | None:
    """The key of the example that has these very pixels. The page hands it over as a file of no name."""
    same = (one.key for one in examples() if opened(one.key).size == image.size)
    return next((key for key in same if opened(key).tobytes() == image.tobytes()), None)


def caption(language: str, example: Example) -> str:
    """What an example shows, in words."""
    return t(language, f"example.{example.key}")


def data_uri(image: Image.Image, kind: str = "PNG") -> str:
    """A picture as an address that needs no request."""
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encoded(image, kind)).decode()}"


def encoded(image: Image.Image, kind: str) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=85, compress_level=1)  # of a PNG: a quarter of the time, 8% larger
    return buffer.getvalue()


@cache
def thumbnail(key: str) -> bytes:
    """An example, small, as a JPEG file."""
    image = opened(key).copy()
    image.thumbnail((4 * THUMBNAIL, THUMBNAIL))
    return encoded(image, "JPEG")


async def serve_thumbnail(request: Request) -> Response:
    """`THUMBNAILS`: a file that the browser keeps, so that the page does not carry it."""
    key = request.path_params["key"]
    if key not in {example.key for example in examples()}:
        return Response(status_code=404)
    return Response(thumbnail(key), media_type="image/jpeg", headers={"Cache-Control": "public, max-age=86400"})


THUMBNAILS = Route("/thumbnails/{key}.jpg", serve_thumbnail)


def _strip(language: str) -> str:
    known = [(i, e) for i, e in enumerate(examples()) if e.wnid]
    unknown = [(i, e) for i, e in enumerate(examples()) if not e.wnid]
    return _group(language, "photo.known", known) + _group(language, "photo.unknown", unknown)


def _group(language: str, heading: str, members: list[tuple[int, Example]]) -> str:
    buttons = "".join(_button(language, index, example) for index, example in members)
    title = t(language, heading, count=len(IMAGENETTE))
    return f'<p class="hint">{escape(title)}</p><div class="examples">{buttons}</div>'


def _button(language: str, index: int, example: Example) -> str:
    words = escape(caption(language, example), quote=True)
    return (
        f'<button type="button" data-index="{index}" data-key="{example.key}" '
        f'aria-pressed="{str(index == 0).lower()}" title="{words}">'
        f'<img src="thumbnails/{example.key}.jpg" alt="" height="64" loading="lazy"><span>{words}</span></button>'
    )
