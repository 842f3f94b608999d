"""The photograph control that the tabs share: upload, webcam, clipboard, or an example."""

import base64
import io
from dataclasses import dataclass
from functools import cache
from html import escape
from time import time
from typing import Any

import gradio as gr
from PIL import Image

from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.data.examples import Example, examples
from resnet_demo.data.pictures import read_picture
from resnet_demo.errors import PictureError
from resnet_demo.kit.controls import Photo
from resnet_demo.kit.page import QUIETLY, Page
from resnet_demo.kit.text import t

THUMBNAIL = 112
CHOOSE = """
let chosen = "0";
const mark = () => element.querySelectorAll("button").forEach(
  (button) => button.setAttribute("aria-pressed", button.dataset.index === chosen));
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-index]");
  if (!button) return;
  chosen = button.dataset.index;
  mark();
  trigger("select", { index: Number(chosen) });
});
document.addEventListener("own-picture", (event) => {
  if (!element.closest(event.detail)) return;
  chosen = null;
  mark();
});
watch("value", () => requestAnimationFrame(mark));
"""


@dataclass(frozen=True)
class PhotoParts:
    photo: Photo
    examples: gr.HTML
    picked: gr.State  # when an example was chosen

    @property
    def given(self) -> list[Any]:
        """The events of another picture: the visitor's own, or an example.

        Not the control's `change`: that one also comes whenever a tab is opened.
        """
        return [self.photo.input, self.picked.change]


def build_photo(page: Page, prefix: str) -> PhotoParts:
    """Lays out a photograph control with the examples below it; the first example is chosen."""
    photo = page.word(
        Photo(
            value=opened(examples()[0].key),
            sources=["upload", "webcam", "clipboard"],
            image_mode=None,
            format="png",
            type="filepath",
            height=300,
            buttons=["fullscreen"],
            elem_id=f"{prefix}-photo",
        ),
        label="photo.label",
        placeholder="photo.placeholder",
        alt_text="photo.label",
    )
    strip = page.word(gr.HTML(js_on_load=CHOOSE, elem_id=f"{prefix}-examples"), value=_strip)
    return PhotoParts(photo, strip, gr.State())


def wire_photo(parts: PhotoParts) -> None:
    # One at a time: of two quick clicks the second one's picture must come last.
    parts.examples.select(
        chosen, None, [parts.photo, parts.picked], trigger_mode="multiple", concurrency_limit=1, **QUIETLY
    )
    told = f"() => document.dispatchEvent(new CustomEvent('own-picture', {{ detail: '#{parts.examples.elem_id}' }}))"
    parts.photo.input(None, None, None, js=told)


def chosen(event: gr.EventData) -> tuple[Image.Image, float]:
    """The example whose thumbnail was clicked, and when."""
    return opened(examples()[int(event.index)].key), time()


def read(path: str | None) -> Image.Image:
    """The visitor's picture, RGB and upright. Raises PictureError."""
    if path is None:
        raise PictureError("picture_none")
    return read_picture(path)


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
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=85)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


@cache
def _thumbnail(key: str) -> str:
    image = opened(key).copy()
    image.thumbnail((4 * THUMBNAIL, THUMBNAIL))
    return data_uri(image, "JPEG")


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
        f'<button type="button" data-index="{index}" aria-pressed="{str(index == 0).lower()}" title="{words}">'
        f'<img src="{_thumbnail(example.key)}" alt="" height="64"><span>{words}</span></button>'
    )
