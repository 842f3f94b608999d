"""Gradio's controls without its own checks: our errors say what is wrong in the visitor's language.

They are subclasses because Gradio makes a session's controls again, from their class, whenever it updates one.
"""

from typing import Any

import gradio as gr
from gradio import component_meta
from gradio.data_classes import ImageData
from pydantic import ConfigDict, Field

component_meta.create_or_modify_pyi = lambda *_: None  # Gradio would write a .pyi of this module beside it


class PhotoData(ImageData):
    """What a request sends for a photograph: a file that it uploaded, or the content of one."""

    model_config = ConfigDict(
        json_schema_extra={"description": "An uploaded file, or a file's content as a data: URL."}
    )
    path: str | None = Field(default=None, description="Path of the upload, as /upload answered it")
    url: str | None = Field(default=None, description="data:image/jpeg;base64,... Addresses are not opened.")


class Photo(gr.Image):
    """Hands over the file as it was sent: our own reader says what is wrong with it."""

    is_template = True  # drawn by Gradio's own image component
    data_model = PhotoData

    def preprocess(self, payload: ImageData | None) -> str | None:
        return payload.path if payload else None


class Files(gr.File):
    """Hands over the paths of uploads: what the files hold, our own reader says."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return [file.path for file in payload.root] if payload else None


class Slider(gr.Slider):
    """Hands over any number: one can be typed that lies beyond the slider's ends."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload


class Choice(gr.Dropdown):
    """Hands over any name: what is not there is refused by those who look for it.

    To scripts and agents a text is published, or a list of texts: the choices are only those of the page as it opens.
    """

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload

    def api_info(self) -> dict[str, Any]:
        text = {"type": "string"}
        return {"type": "array", "items": text} if self.multiselect else text


class Choices(gr.CheckboxGroup):
    """As `Choice`, for any number of names: a network fetched since the app began is one, too."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}


class Options(gr.JSON):
    """A JSON object; of Gradio's own control scripts and agents are told no type."""

    is_template = True

    def api_info(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {}, "description": "a JSON object"}


class Names(gr.JSON):
    """A list of names, as `Options` is an object."""

    is_template = True

    def api_info(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}, "description": "a list of names"}


class Number(gr.Number):
    """Hands over whatever was typed, or None: no rounding behind the visitor's back."""

    is_template = True

    def preprocess(self, payload: Any) -> Any:
        return payload
