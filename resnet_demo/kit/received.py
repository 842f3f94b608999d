"""What a request brings, read before any handler gets it: one reader for each kind of control.

The published type of a value is accepted, anything else is refused by name, in words. Gradio alone passes some wrong
types on, refuses others without a word, and opens any file of this machine that a request names without the mark of an
upload.
"""

import inspect
import json
from base64 import b64decode
from binascii import Error as NotBase64
from functools import cache, lru_cache, singledispatch
from mimetypes import guess_extension
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import anyio.to_thread
import gradio as gr
from gradio.block_function import BlockFunction
from gradio.blocks import Block
from gradio.processing_utils import save_bytes_to_cache
from gradio.state_holder import SessionState
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from resnet_demo.data.pictures import MAX_MEGABYTES
from resnet_demo.errors import DemoError, PictureError
from resnet_demo.kit.controls import Choice, Choices, Files, Names
from resnet_demo.kit.messages import Problem, message
from resnet_demo.kit.text import LANGUAGES, preferred

LONGEST, MOST = 500, 64
"""Characters of a text, and entries of a list."""
Text = Annotated[str, StringConstraints(max_length=LONGEST)]
Texts = Annotated[list[Text], Field(max_length=MOST)]
Scalar = Text | bool | int | float | None
Entries = Annotated[list[Scalar], Field(max_length=MOST)]
Settings = Annotated[dict[Text, Scalar | Entries], Field(max_length=MOST)]
UPLOADED = {"_type": "gradio.FileData"}


class Demo(gr.Blocks):
    """The app: what a request brings is read strictly, and every expected error is answered in words."""

    async def process_api(  # type: ignore[override]
        self,
        block_fn: BlockFunction | int,
        inputs: list[Any],
        state: SessionState | None = None,
        request: gr.Request | list[gr.Request] | None = None,
        iterator: Any = None,
        *,
        event_data: gr.EventData | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        function = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        if event_data is not None and not isinstance(event_data._data, dict):
            event_data._data = {}  # what a handler asks for is then not there
        try:
            if iterator is None:  # else a generator goes on, with what it was given
                inputs = await anyio.to_thread.run_sync(received, function, inputs, state)
            return await super().process_api(function, inputs, state, request, iterator, event_data=event_data, **more)
        except DemoError as error:
            words = message(_language(function, inputs, request), Problem(error.key, error.values))
            raise gr.Error(words, print_exception=False) from error


def received(function: BlockFunction, inputs: list[Any], state: SessionState | None) -> list[Any]:
    """The values of `function`'s controls, each as its reader returns it. Raises DemoError."""
    if len(inputs) < len(function.inputs) or (_is_public(function) and len(inputs) > len(function.inputs)):
        raise DemoError(
            "values_count",
            function=function.api_name or function.name,
            count=len(function.inputs),
            names=", ".join(_name(function, i, block) for i, block in enumerate(function.inputs)),
            given=len(inputs),
        )
    values = []
    for position, (block, value) in enumerate(zip(function.inputs, inputs, strict=False)):
        if not block.stateful:
            # The visitor's own copy of the control: its choices may have changed since the page was opened.
            control = state[block._id] if state is not None and block._id in state else block
            value = read(control, _name(function, position, control), value)
        values.append(value)
    return values


def _is_public(function: BlockFunction) -> bool:
    return function.api_visibility == "public"


def _name(function: BlockFunction, position: int, control: Block) -> str:
    """The parameter that an endpoint publishes, or what a control is called on the page."""
    if not _is_public(function):
        return str(getattr(control, "label", None) or control.elem_id)
    return _parameters(function.fn)[position]


@lru_cache(maxsize=256)
def _parameters(function: Any) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def _language(function: BlockFunction, inputs: list[Any], request: Any) -> str:
    """The language that the request names among its values, else its browser's."""
    values = zip(function.inputs, inputs, strict=False)
    named = next((value for block, value in values if block.elem_id == "language"), None)
    if isinstance(named, str) and named in LANGUAGES:
        return named
    return preferred(request.headers.get("accept-language", "")) if isinstance(request, gr.Request) else "en"


def _is(kind: Any, value: Any) -> bool:
    try:
        _adapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":
    return TypeAdapter(kind)


def _as_sent(value: Any) -> Any:
    """As JSON writes it, so that "true" and true, or null and "null", are told apart."""
    return json.dumps(value, ensure_ascii=False) if value is None or isinstance(value, str | bool) else value


@singledispatch
def read(control: Block, name: str, value: Any) -> Any:
    """`value` as `control` hands it over. Raises DemoError for one that it could not hold."""
    raise NotImplementedError(f"There is no reader for {type(control).__name__}.")


@read.register
def _(control: gr.Checkbox, name: str, value: Any) -> Any:
    if not _is(bool, value):
        raise DemoError("value_flag", name=name, value=_as_sent(value))
    return value


@read.register(gr.Number)
@read.register(gr.Slider)
def _(control: Block, name: str, value: Any) -> Any:
    """Any number, or None for a field left empty: in which range it lies, its handler checks."""
    if not _is(int | float | None, value):
        raise DemoError("value_number", name=name, value=_as_sent(value))
    return value


@read.register
def _(control: Choice, name: str, value: Any) -> Any:
    """Any name, or several: whether there is such a thing, its handler knows. None where nothing was chosen yet."""
    if control.multiselect and not isinstance(value, str):
        return _texts(control, name, value)
    if value is None and control.value is None:
        return None
    if not _is(Text, value):
        raise DemoError("value_text", name=name, value=_as_sent(value), longest=LONGEST)
    return value


@read.register
def _(control: gr.Textbox, name: str, value: Any) -> Any:
    if not _is(Text, value):
        raise DemoError("value_text", name=name, value=_as_sent(value), longest=LONGEST)
    return value


@read.register(Choices)
@read.register(Names)
def _texts(control: Block, name: str, value: Any) -> Any:
    if not _is(Texts, value):
        raise DemoError("value_texts", name=name, value=_as_sent(value), most=MOST, longest=LONGEST)
    return value


@read.register(gr.Radio)
@read.register(gr.Dropdown)
def _(control: Any, name: str, value: Any) -> Any:
    """One of the choices; None where nothing was chosen to begin with."""
    if getattr(control, "multiselect", False):
        return _chosen(control, name, value)
    known = [choice for _label, choice in control.choices]
    if value is None and control.value is None:
        return None
    if isinstance(value, bool) or value not in known:
        raise DemoError("choice_unknown", name=name, value=_as_sent(value), known=", ".join(map(str, known)))
    return known[known.index(value)]


@read.register(gr.CheckboxGroup)
def _chosen(control: Any, name: str, value: Any) -> Any:
    known = [choice for _label, choice in control.choices]
    if not isinstance(value, list) or any(isinstance(one, bool) or one not in known for one in value):
        raise DemoError("value_choices", name=name, value=_as_sent(value), known=", ".join(map(str, known)))
    return [choice for choice in known if choice in value]


@read.register
def _(control: gr.JSON, name: str, value: Any) -> Any:
    """Plain values; not what Gradio would take for a file."""
    if (isinstance(value, dict) and "meta" in value) or not _is(Scalar | Entries | Settings, value):
        raise DemoError("value_json", name=name, value=_as_sent(value), most=MOST, longest=LONGEST)
    return value


@read.register
def _(control: gr.Image, name: str, value: Any) -> Any:
    """A file that was uploaded, or the content of one as a data: URL. No other path is opened, and no address."""
    if value is None:
        return None
    fields = value if isinstance(value, dict) else {"url": value}
    path, url = fields.get("path"), fields.get("path") or fields.get("url")
    if isinstance(url, str) and url.startswith("data:"):
        return {"path": _kept(url, name, control.GRADIO_CACHE), "meta": UPLOADED}
    if not isinstance(path, str) or not _is_upload(path, control.GRADIO_CACHE):
        raise PictureError("picture_foreign", name=name, value=_as_sent(url or value))
    return {"path": path, "meta": UPLOADED}


@read.register
def _(control: Files, name: str, value: Any) -> Any:
    """Files that were uploaded. No other path is opened, and no address."""
    files = [] if value is None else value
    if not isinstance(files, list) or len(files) > MOST:
        raise DemoError("file_foreign", name=name, value=_as_sent(value))
    paths = [file.get("path") if isinstance(file, dict) else None for file in files]
    for path in paths:
        if not isinstance(path, str) or not _is_upload(path, control.GRADIO_CACHE):
            raise DemoError("file_foreign", name=name, value=_as_sent(path))
    return [{"path": path, "meta": UPLOADED} for path in paths] or None


def _is_upload(path: str, folder: str) -> bool:
    """Whether `path` lies in `folder`, wherever its links lead. Raises PictureError when it does, but is not a file."""
    try:
        place = Path(path).resolve()
        inside, there = place.is_relative_to(Path(folder).resolve()), place.is_file()
    except (OSError, ValueError, RuntimeError):  # too long, no possible name, a circle of links
        return False
    if inside and not there:
        raise PictureError("picture_missing", name=place.name)
    return inside


def _kept(url: str, name: str, folder: str) -> str:
    """The content of a data: URL as a file among the uploads."""
    head, _, body = url.partition(",")
    if len(body) > MAX_MEGABYTES * 1.4e6:  # base64 takes 4 characters for 3 bytes; a few line breaks are no harm
        raise PictureError("picture_url_long", name=name, limit=MAX_MEGABYTES)
    try:
        if not head.endswith(";base64"):
            raise NotBase64
        content = b64decode("".join(unquote(body).split()), validate=True)
    except (NotBase64, ValueError) as error:
        raise PictureError("picture_url", name=name, value=url[:40]) from error
    return save_bytes_to_cache(content, f"picture{guess_extension(head[5:-7]) or '.img'}", folder)
