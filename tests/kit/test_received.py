"""Whatever a request brings, it is answered, or refused in words that name the field; and the next request works."""

import asyncio
import base64
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import gradio as gr
import pytest
from gradio.events import EventData
from gradio.state_holder import SessionState
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_demo import shell
from resnet_demo.errors import DemoError
from resnet_demo.kit.controls import Names
from resnet_demo.kit.received import Demo, read
from resnet_demo.kit.site import unbound
from resnet_demo.kit.text import LANGUAGES
from tests.helpers.hostile import UPLOAD, VALUES, broken_pictures, whole_pictures
from tests.helpers.refused import encoded, photograph
from tests.helpers.running import ROOT

PAIR = ["resnet18-imagenette", "plain18-imagenette"]
ENDPOINTS = {
    "classify", "compare_cam", "blocks", "count_parameters", "residual_step", "gradient_flow", "degradation",
    "early_exit", "landscape",
}  # fmt: skip
SLOW = {"redrawn", "caught_up"}  # of all drawings at once: each of their controls has a listener of its own
fuzz = settings(deadline=None, derandomize=True, database=None)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where uploads lie."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("uploads")
        patch.setenv("GRADIO_TEMP_DIR", str(place))
        yield place


@pytest.fixture(scope="module")
def demo(folder: Path) -> gr.Blocks:
    return shell.build("cpu")


class Client:
    """Runs a listener as a request does: with what the page holds, but for the values that are given."""

    def __init__(self, demo: gr.Blocks) -> None:
        self.demo, self.state = demo, SessionState(demo)
        self.values = {c["id"]: c["props"].get("value") for c in demo.config["components"]}

    def function(self, name: str) -> Any:
        return next(fn for fn in self.demo.fns.values() if fn.api_name == name)

    def answer(self, endpoint: str, **given: Any) -> Any:
        return self.run(self.function(endpoint), **given)[0].root

    def run(self, fn: Any, *, event: Any = None, **given: Any) -> Any:
        """`given` are values by the position of their control: _0=..., _1=..."""
        values = [None if block.stateful else self.values[block._id] for block in fn.inputs]
        for position, value in given.items():
            values[int(position[1:])] = value
        return self.send(fn, values, event)

    def send(self, fn: Any, values: list[Any], event: Any = None) -> Any:
        request = gr.Request(headers={"accept-language": "en"}, query_params={})
        data = EventData(None, event)
        answer = self.demo.process_api(fn, values, state=self.state, request=request, event_data=data)
        return asyncio.run(answer)["data"]


@pytest.fixture(scope="module")
def client(demo: gr.Blocks) -> Client:
    return Client(demo)


@pytest.fixture(scope="module")
def upload(folder: Path) -> dict[str, Any]:
    path = folder / "photo.png"
    path.write_bytes(encoded(photograph()))
    return {"path": str(path), "meta": UPLOAD}


def assert_in_words(words: str) -> None:
    """A sentence for people: nothing of how the server is made or where it lies, and nothing that does not show."""
    assert words and words != "None" and len(words) < 3000
    for inside in ("Traceback", "site-packages", ".py", "object at 0x", "<class ", str(ROOT), os.path.expanduser("~/")):
        assert inside not in words, words
    assert all(c.isprintable() or c == "\u3000" for c in words), ascii(words)
    json.dumps(words).encode("ascii")


def tried(client: Client, fn: Any, *, event: Any = None, **given: Any) -> str:
    """What a refusal says, "" for an answer; any other exception fails the test."""
    refused: gr.Error | None = None
    try:
        client.run(fn, event=event, **given)
    except gr.Error as error:
        refused = error
    if refused is None:
        return ""
    assert not refused.print_exception, refused.message  # expected: no traceback in the log
    assert_in_words(refused.message)
    return refused.message


def refusal(client: Client, fn: Any, **given: Any) -> str:
    said = tried(client, fn, **given)
    assert said, "it was answered"
    return said


# ------------------------------------------------------------------------------------------------ one reader for each


def test_every_control_that_a_listener_reads_has_a_reader(demo: gr.Blocks) -> None:
    assert isinstance(demo, Demo)
    kinds = {type(block) for fn in demo.fns.values() if fn.fn for block in fn.inputs if not block.stateful}
    assert len(kinds) > 8
    assert [kind for kind in kinds if read.dispatch(kind) is read.dispatch(object)] == []


def test_all_endpoints_are_tried(demo: gr.Blocks) -> None:
    assert {fn.api_name for fn in demo.fns.values() if fn.api_visibility == "public"} == ENDPOINTS


@each_language
@pytest.mark.parametrize(
    ("endpoint", "position", "value", "said"),
    [
        (
            "compare_cam",
            8,
            "false",
            {
                "en": 'counterfactual = "false": it must be true or false.',
                "zh": 'counterfactual = "false" 无效：只能是 true 或 false。',
            },
        ),
        (
            "classify",
            1,
            "resnet18-imagenette",
            {
                "en": 'names = "resnet18-imagenette": it must be a list of at most 64 texts, each of at most 500 '
                "characters.",
                "zh": 'names = "resnet18-imagenette" 无效：应为文本列表，最多 64 项，每项最多 500 个字符。',
            },
        ),
        (
            "classify",
            1,
            ["nope"],
            {
                "en": "There is no network nope here. Choose one of: resnet18-",
                "zh": "这里没有网络 nope。可选：resnet18-",
            },
        ),
        (
            "blocks",
            1,
            "224",
            {"en": 'size = "224": it must be a number.', "zh": 'size = "224" 无效：应为一个数。'},
        ),
        (
            "residual_step",
            0,
            True,
            {"en": "x = true: it must be a number.", "zh": "x = true 无效：应为一个数。"},
        ),
        (
            "residual_step",
            5,
            "gelu",
            {
                "en": 'activation = "gelu": it must be one of relu, sigmoid, tanh.',
                "zh": 'activation = "gelu"：只能是 relu, sigmoid, tanh 之一。',
            },
        ),
        (
            "gradient_flow",
            6,
            2.5,
            {
                "en": "seeds = 2.5: it must be a whole number from 1 to 10. The nearest is 2.",
                "zh": "seeds = 2.5 无效：应为 1 到 10 之间的整数。最接近的是 2。",
            },
        ),
        (
            "compare_cam",
            1,
            ["resnet18-imagenette"],
            {
                "en": "left = ['resnet18-imagenette']: it must be a text of",
                "zh": "left = ['resnet18-imagenette'] 无效：应为文本",
            },
        ),
        (
            "count_parameters",
            4,
            "vgg",
            {"en": 'kinds = "vgg": it must be a list of', "zh": 'kinds = "vgg" 无效：应为文本列表'},
        ),
        (
            "blocks",
            3,
            [1, 2],
            {"en": "options = [1, 2]: give them by name, for example", "zh": "options = [1, 2]"},
        ),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    client: Client, upload: Any, language: str, endpoint: str, position: int, value: Any, said: dict[str, str]
) -> None:
    fn = client.function(endpoint)
    place = next(i for i, block in enumerate(fn.inputs) if block.elem_id == "language")
    given = {f"_{place}": language, f"_{position}": value}
    if endpoint in ("classify", "compare_cam"):
        given["_0"] = upload
    assert refusal(client, fn, **given).startswith(said[language])


@pytest.mark.parametrize(("value", "shown"), [("xx", '"xx"'), (5, "5"), (None, "null"), (["en"], "['en']")])
def test_a_language_that_is_not_there(client: Client, value: Any, shown: str) -> None:
    said = refusal(client, client.function("blocks"), _2=value)
    assert said == f"language = {shown}: it must be one of en, zh."


def test_too_few_values_and_too_many(client: Client) -> None:
    for values in ([], [None], [None] * 4):
        with pytest.raises(gr.Error) as caught:
            client.send(client.function("classify"), values)
        count = f"classify takes 3 values: picture, names, language. This request brings {len(values)}."
        assert caught.value.message == count


def test_numbers_are_taken_as_they_are_published(client: Client) -> None:
    """The interface says float, and JSON knows no other: 224.0 is 224."""
    whole, published = (client.answer("blocks", _1=size) for size in (224, 224.0))
    assert whole == published and whole["totals"]["macs"] == 1_814_073_344
    counted = [client.answer("count_parameters", _0=n, _1=n / 4) for n in (256, 256.0)]
    assert counted[0] == counted[1]


def test_names_are_published_as_a_list_of_texts() -> None:
    assert Names().api_info() == {"type": "array", "items": {"type": "string"}, "description": "a list of names"}


def test_no_list_is_published_that_leaves_out_what_is_taken(demo: gr.Blocks) -> None:
    """An agent sends nothing but what is published, and the page's choices are those of its first pair."""
    published = {
        (name, one["parameter_name"]): one["type"]
        for name, endpoint in demo.get_api_info()["named_endpoints"].items()
        for one in endpoint["parameters"]
    }
    assert {name for (_, name), kind in published.items() if "enum" in str(kind)} == {"language", "activation"}
    assert published["/compare_cam", "layer"] == published["/classify", "names"]
    assert published["/gradient_flow", "pair"] == {"type": "string"}
    assert published["/residual_step", "activation"]["enum"] == ["relu", "sigmoid", "tanh"]


# ------------------------------------------------------------------------------------------------ pictures


@pytest.mark.parametrize(
    "write", [lambda url: {"url": url}, lambda url: {"path": url, "meta": UPLOAD}, lambda url: url]
)
def test_a_picture_as_a_data_url(client: Client, upload: Any, write: Any) -> None:
    content = base64.encodebytes(Path(upload["path"]).read_bytes()).decode()  # with its line breaks
    found, expected = (client.answer("classify", _0=one) for one in (write(f"data:image/png;base64,{content}"), upload))
    assert [item["classes"] for item in found] == [item["classes"] for item in expected]


@pytest.mark.parametrize("url", ["data:image/png;base64,?", "data:image/png;base64,AAA", "data:,hello", "data:"])
def test_a_data_url_that_cannot_be_read(client: Client, url: str) -> None:
    said = refusal(client, client.function("classify"), _0={"url": url})
    assert said.startswith(f"picture = {url}: this data: URL cannot be read. Write it as data:image/jpeg;base64,")


def test_a_data_url_that_is_too_long(client: Client) -> None:
    said = refusal(client, client.function("classify"), _0={"url": "data:image/png;base64," + "A" * 28_000_001})
    assert said == "picture: the data: URL holds more than 20 MB. Save a smaller image, for example as JPEG."


def test_no_other_file_of_the_server_is_opened(
    client: Client, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(encoded(photograph()))
    link = folder / "link.png"
    link.symlink_to(secret)
    opened: list[str] = []
    monkeypatch.setattr("resnet_demo.kit.image_input.read_content", lambda path: opened.append(str(path)))
    places: list[Any] = [str(secret), str(link), f"{folder}/../{tmp_path.name}/secret.png", f"file://{secret}"]
    places += ["http://127.0.0.1/a.png", "a" * 5000, "a\0b"]
    for place in places:
        for value in (place, {"path": place}, {"path": place, "meta": UPLOAD}, {"url": place}):
            said = refusal(client, client.function("classify"), _0=value)
            assert "this is not an upload. Upload the file, or send its content as" in said
            assert said.endswith("paths and addresses are not opened.")
    assert opened == []


def test_an_upload_that_is_gone(client: Client, folder: Path) -> None:
    value = {"path": str(folder / "gone.png"), "meta": UPLOAD}
    said = refusal(client, client.function("classify"), _0=value)
    assert said == "There is no readable file gone.png. Check its path."


def content_of(name: str, content: bytes, folder: Path) -> dict[str, Any]:
    path = folder / name
    path.write_bytes(content)
    return {"path": str(path), "meta": UPLOAD}


@pytest.mark.parametrize("name", sorted(whole_pictures()))
def test_pictures_of_unusual_kinds_are_shown_or_refused_in_words(client: Client, folder: Path, name: str) -> None:
    said = tried(client, client.function("classify"), _0=content_of(name, whole_pictures()[name], folder), _1=PAIR[:1])
    assert (said == "") or name in said


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_pictures_are_shown_or_refused_in_words(client: Client, folder: Path, upload: Any) -> None:
    ask, files = client.function("classify"), list(broken_pictures())
    assert len(files) > 250
    refused = 0
    for name, content in files:
        said = tried(client, ask, _0=content_of(name, content, folder), _1=PAIR[:1])
        assert said == "" or name in said, said
        refused += said != ""
    assert refused > 100  # the rest is shown: damage in the middle of a picture, or another kind's name
    assert client.answer("classify", _0=upload, _1=PAIR[:1])[0]["network"] == "resnet18"


# ------------------------------------------------------------------------------------------------ any value anywhere


def places(demo: gr.Blocks, public: bool) -> Iterator[tuple[Any, int]]:
    """Every value of every endpoint, or of every listener of the page."""
    for fn in demo.fns.values():
        if fn.fn and fn.name not in SLOW and (fn.api_visibility == "public") is public:
            yield from ((fn, i) for i, block in enumerate(fn.inputs) if not block.stateful)


TELLING = ["null", "a flag as text", "an unknown name", "not a number", "more digits than a float has", "a deep list"]
TELLING += ["a file of the server", "100,000 characters", "text from right to left", "half of a character", "markup"]


@pytest.mark.parametrize("kind", TELLING)
def test_any_value_of_any_endpoint(demo: gr.Blocks, client: Client, kind: str) -> None:
    """A picture is never given: what is accepted ends there, or at once."""
    refused = 0
    for fn, position in places(demo, public=True):
        given: dict[str, Any] = {"_0": None} if fn.api_name in ("classify", "compare_cam") else {}
        refused += tried(client, fn, **{**given, f"_{position}": VALUES[kind]}) != ""
    assert refused > 20


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(set(VALUES) - set(TELLING)))
def test_further_values_of_any_endpoint(demo: gr.Blocks, client: Client, kind: str) -> None:
    test_any_value_of_any_endpoint(demo, client, kind)


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(VALUES))
def test_any_value_of_any_control(demo: gr.Blocks, client: Client, kind: str) -> None:
    """Of each kind of control the first place in each listener: the others are read by the same reader."""
    tested, refused = set(), 0
    for fn, position in places(demo, public=False):
        place = (fn._id, type(fn.inputs[position]))
        if place not in tested:
            tested.add(place)
            refused += tried(client, fn, **{f"_{position}": VALUES[kind]}) != ""
    assert len(tested) > 100


EVENTS = [None, 5, "index", [], {}, {"index": None}, {"index": "x"}, {"index": -1}, {"index": 10**30}, {"index": {}}]


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_any_event(demo: gr.Blocks, client: Client, event: Any) -> None:
    """What a click tells besides the values of the controls."""
    asked = [fn for fn in demo.fns.values() if fn.fn and gr.EventData in get_type_hints(unbound(fn.fn)).values()]
    assert {"chosen", "picked", "pointed"} <= {fn.name for fn in asked}
    for fn in asked:
        said = tried(client, fn, event=event)
        assert said == "" or said.startswith("index ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@fuzz
@given(st.data(), json_values)
def test_a_reader_returns_what_its_control_can_hold_or_refuses(
    demo: gr.Blocks, data: st.DataObject, value: Any
) -> None:
    controls = {type(fn.inputs[i]).__name__: fn.inputs[i] for fn, i in places(demo, public=False)}
    control = controls[data.draw(st.sampled_from(sorted(controls)))]
    refused: DemoError | None = None
    found = None
    try:
        found = read(control, "field", value)
    except DemoError as error:
        refused = error
    if refused is not None:
        assert_in_words(str(refused))
        assert str(refused).startswith("field") or refused.key == "picture_missing"
        return
    assert found is None or found == value or (isinstance(value, float) and math.isnan(value))
    if isinstance(control, gr.Checkbox):
        assert isinstance(found, bool)
    if isinstance(control, gr.Number | gr.Slider):
        assert found is None or (isinstance(found, int | float) and not isinstance(found, bool))


@pytest.mark.long
@settings(fuzz, max_examples=300)
@given(st.data(), json_values)
def test_drawn_values_of_any_endpoint(demo: gr.Blocks, client: Client, data: st.DataObject, value: Any) -> None:
    fn, position = data.draw(st.sampled_from(list(places(demo, public=True))))
    given = {"_0": None} if fn.api_name in ("classify", "compare_cam") else {}
    tried(client, fn, **{**given, f"_{position}": value})
