"""The app as it is built: no warnings, no stray English, and its wiring as golden files, one for each chapter.

After an intended change of a listener, write the golden files again with
`python -m tests.kit.test_build`, and read their diff.
"""

import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch
from gradio.block_function import BlockFunction

import resnet_demo.kit
from resnet_demo import shell
from resnet_demo.chapters import CHAPTERS
from resnet_demo.chapters.blocks import endpoint as blocks
from resnet_demo.chapters.classify import endpoint as classify
from resnet_demo.chapters.degradation import endpoint as degradation
from resnet_demo.chapters.degradation import live_runs
from resnet_demo.chapters.degradation.pages import live_training
from resnet_demo.chapters.gradcam import endpoint as gradcam
from resnet_demo.chapters.gradients import endpoint as gradients
from resnet_demo.chapters.parameters import endpoint as parameters
from resnet_demo.chapters.residual import endpoint as residual
from resnet_demo.kit import assets
from resnet_demo.kit.charts import INK
from resnet_demo.kit.header import tools
from resnet_demo.kit.text import LANGUAGES, catalogue
from resnet_demo.lesson.frame import LESSON

GOLDEN = Path(__file__).parents[1] / "golden" / "wiring"
DEVICES = [
    "cpu",
    *(["cuda"] if torch.cuda.is_available() else []),
    *(["mps"] if torch.backends.mps.is_available() else []),
]
ENDPOINTS = {
    "classify": (classify, ["picture", "names", "language"]),
    "compare_cam": (
        gradcam,
        ["picture", "left", "right", "target", "layer", "method", "language", "against", "counterfactual"],
    ),
    "blocks": (blocks, ["name", "size", "language", "options"]),
    "count_parameters": (parameters, ["channels", "width", "kernel", "size", "kinds", "language"]),
    "gradient_flow": (
        gradients,
        ["pair", "norm", "initialisation", "activation", "version", "batch", "seeds", "language"],
    ),
    "residual_step": (residual, ["x", "w1", "w2", "b1", "b2", "activation", "language"]),
    "degradation": (degradation, []),
    "early_exit": (degradation, ["photo", "pair", "language"]),
    "landscape": (degradation, []),
}

TEXTS = ("label", "info", "placeholder", "alt_text", "choices", "value")
# Names that every language writes alike, and glosses; the classes of Gradio's own markup never get here.
PROPER = re.compile(
    r"""(Wide\ )?(ResNeX?t|PlainNet)(-\d+)*(\ \d+×\dd)?|Image[Nn]et(te)?|STL-10|CIFAR-10|(Hugging\ Face\ )?Hub|MB
      |VGG(-\d+)?|BasicBlock|Bottleneck|BatchNorm|BN|ReLU|AlexNet|GoogLeNet|LeNet(-5)?|(Dense|Mobile)Net(-121)?
      |Wide\ ResNet(-50-2)?|FC\d?|GPU|CNN|dropout|IMAGENET1K_V1|MNIST|top-1|NIPS|LeCun|Krizhevsky|et\ al\.|Proc\.\ IEEE
      |Grad-CAM(\+\+)?|HiResCAM|LayerCAM|(XGrad|Eigen|Eigen-Grad|Score|Ablation)-CAM|CAM|FullGrad|RISE|Adebayo|logit
      |（(shortcut|plain\ network|stem|BatchNorm，BN|MAC|zero-gamma|shattered\ gradients|seed)[^）]*）|softmax|PyTorch
      |MACs?|G?FLOPs|English|https|Ctrl\+[CV]|LaTeX|Balduzzi|Veit|Greff|Jastrzębski|\bLi\b|Kaiming|Xavier|tanh|sigmoid|\bV[12]
      |(conv|layer)\d(_x|\.\d+)*|maxpool|avgpool|fc|head|\b[ABCDFGHKMNWgkmnsx]\b
      |V2|MiB|GAP|float32|CIFAR|BGR|torch(vision)?|CSV|Markdown|JSON|\.(svg|json|safetensors)|OWNER/NAME|Tab\b
      |\b(nn\.)?(ModuleList|Sequential)|\b(make_shortcut|_make_layer|forward|list)\b|eval\(\)|to\(device\)|self\.layers
      |PyTorch|Inception|10-crop|dL/dx[ₖₗ]?|d/dx|\b([xybwnilHFL]|NaN|conv)(?![A-Za-z])
      |\bfan(-in|-out)?\b|\bk(?=²)|float64|Pleiss|Huang|Ioffe|Szegedy|Glorot|Bengio
      # Papers, and what they print, word for word.
      |Goodfellow|StepLR|ConvNeXt(-T)?|SE(-(?=ResNet))?|\br(?=\ =)
      |Yang|SGD|Adam|Springenberg|\b[A-Z]\.|\bHe\b|arXiv|Table\ \d|max\ pool|\bmax\b|average\ pool|stride\ \d|-d\b""",
    re.VERBOSE,
)


@cache
def built() -> gr.Blocks:
    return shell.build("cpu")


def components(demo: gr.Blocks, language: str) -> list[dict[str, Any]]:
    """Those of the site in one language."""
    own = set(demo.config["page"]["" if language == "en" else language]["components"])
    return [component for component in demo.config["components"] if component["id"] in own]


def dependencies(demo: gr.Blocks, language: str) -> list[dict[str, Any]]:
    """The listeners of the site in one language."""
    own = set(demo.config["page"]["" if language == "en" else language]["dependencies"])
    return [dependency for dependency in demo.config["dependencies"] if dependency["id"] in own]


# ------------------------------------------------------------------------------------------------ building


@pytest.mark.parametrize("device", DEVICES)
def test_builds_without_a_warning(device: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        demo = shell.build(device)
    assert demo.title == "ResNet, explained"


def test_the_warnings_are_those_of_a_wrong_wire() -> None:
    """The test above can fail: a handler that takes fewer values than it is given is such a warning."""
    with warnings.catch_warnings(), gr.Blocks():
        warnings.simplefilter("error", UserWarning)
        box = gr.Number()
        with pytest.raises(UserWarning, match=r"Expected 0 arguments .* received 1"):
            box.change(lambda: None, box)


def test_building_writes_nothing_into_the_package() -> None:
    built()
    folder = Path(resnet_demo.kit.__file__).parents[1]
    assert [path.name for path in folder.rglob("*.pyi")] == []


# ------------------------------------------------------------------------------------------------ components


@pytest.mark.parametrize("language", LANGUAGES)
def test_elem_ids_are_unique(language: str) -> None:
    ids = Counter(component["props"].get("elem_id") for component in components(built(), language))
    del ids[None]
    assert len(ids) > 15
    assert [name for name, count in ids.items() if count > 1] == []


def test_whatever_a_listener_touches_and_a_visitor_sees_has_an_elem_id() -> None:
    demo = built()
    touched = {
        i for d in demo.config["dependencies"] for i in [*d["inputs"], *d["outputs"], *(t[0] for t in d["targets"])]
    }
    nameless = [
        component["props"].get("value", component["type"])
        for component in demo.config["components"]
        if component["id"] in touched
        and not component["props"].get("elem_id")
        and component["props"].get("visible", True)
        and component["type"] != "state"
    ]
    assert nameless == []


def visible(language: str) -> Iterator[tuple[str, str]]:
    """Where and what: every text of every visible component at build time."""
    for component in components(built(), language):
        props = component["props"]
        if props.get("visible") is False or component["type"] == "state":
            continue
        place = props.get("elem_id") or component["type"]
        for name in TEXTS:
            if not (name == "label" and props.get("show_label") is False):
                yield from ((f"{place}.{name}", text) for text in texts(name, props.get(name)))


def texts(name: str, value: Any) -> Iterator[str]:
    if name == "choices":
        yield from (str(label) for label, _ in value or ())
    elif name == "value" and isinstance(value, str) and value.startswith("<"):
        yield from (unescape(text) for text in re.findall(r'(?:alt|title|aria-label)="([^"]*)"', value))
        yield unescape(re.sub(r"<(pre|code)\b.*?</\1>|<[^>]*>", " ", value, flags=re.DOTALL))  # code is code
    elif name != "value" and isinstance(value, str):
        yield value


def english(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+", PROPER.sub(" ", text))


def test_no_english_is_left_when_built_in_chinese() -> None:
    found = list(visible("zh"))
    assert len(found) > 60
    assert [(place, words) for place, text in found if (words := english(text))] == []


def test_english_would_be_found() -> None:
    """The test above can fail: English texts are full of such words."""
    places = {place for place, text in visible("en") if english(text)}
    assert {"photo.label", "parameters-blocks-size.label", "tab-blocks.label", "gradcam-layer.choices"} <= places
    assert {"examples.value", "brand.value"} <= places


def test_no_component_keeps_a_label_of_gradios_own() -> None:
    """A label of None would be shown as the component's English type."""
    shown = {"image", "radio", "checkboxgroup", "dropdown", "slider", "number", "plot"}
    unnamed = [
        component["props"].get("elem_id")
        for component in components(built(), "zh")
        if component["type"] in shown
        and component["props"].get("show_label", True)
        and not component["props"].get("label")
    ]
    assert unnamed == []


def test_no_class_is_styled_by_two_tabs() -> None:
    """All stylesheets are one on the page: the later of two tabs would bend what the earlier drew.

    The rules for forced colours restyle what the others draw, by intent.
    """
    styled = Counter[str]()
    for path in set(assets.PACKAGE.rglob("*.css")) - {assets.PACKAGE / "kit/static/forced_colors.css"}:
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        selectors = (one.strip() for found in re.findall(r"([^{}]+)\{", text) for one in found.split(","))
        styled.update({one for one in selectors if re.fullmatch(r"\.[\w-]+", one)})
    assert len(styled) > 50
    assert [name for name, count in styled.items() if count > 1] == []


def test_the_stylesheet_finds_what_charts_write_in_their_ink() -> None:
    red, green, blue = bytes.fromhex(INK.removeprefix("#"))
    assert f"rgb({red}, {green}, {blue})" in assets.asset("kit/static/style.css")


# ------------------------------------------------------------------------------------------------ language


def test_the_languages_are_built_alike() -> None:
    """The same components and listeners at the same places; the endpoints are defined once."""
    demo = built()
    ids = {
        language: sorted(c["props"]["elem_id"] for c in components(demo, language) if c["props"].get("elem_id"))
        for language in LANGUAGES
    }
    assert ids["en"] == ids["zh"] and len(ids["en"]) > 200
    listeners = {
        language: [
            re.sub(r"\b(\w+)-\d+\b", r"\1", line.partition("; ")[0])  # endpoints have components on one site alone
            for text in wiring(demo, language).values()
            for line in text.splitlines()
            if "; public /" not in line
        ]
        for language in LANGUAGES
    }
    assert listeners["en"] == listeners["zh"] and len(listeners["en"]) > 50


def test_each_language_has_its_words() -> None:
    demo = built()
    labels = {
        language: {c["props"].get("elem_id"): c["props"].get("label") for c in components(demo, language)}
        for language in LANGUAGES
    }
    assert labels["en"]["tab-blocks"] == catalogue("en")["blocks.title"]
    assert labels["zh"]["tab-blocks"] == catalogue("zh")["blocks.title"]


def test_a_link_leads_to_the_other_language_and_back() -> None:
    assert 'href="./zh"' in tools("en", None) and 'href="./?lang=en"' in tools("zh", None)


# ------------------------------------------------------------------------------------------------ address


def test_the_former_names_of_settings_lead_to_present_ones() -> None:
    """The address of a link that was shared before: every name of before, and what it sets now."""
    (reads,) = {d["js"] for d in dependencies(built(), "en") if "window.resnet.read(" in str(d["js"])}
    known = {name for _, _, name, *_ in json.loads(reads.partition("read(")[2].rpartition(")")[0])}
    (block,) = re.findall(r"const FORMER_SETTINGS = \{(.*?)\};", assets.asset("kit/static/shell.js"), re.DOTALL)
    former = dict(re.findall(r'"([\w-]+)": "(\w+)"', block))
    assert set(former.values()) <= known
    sides = {"a": "", "b": "other_"}
    options = ("shortcut", "preactivation", "groups")
    assert (
        former.items() >= {f"blocks-{side}-{name}": of + name for side, of in sides.items() for name in options}.items()
    )
    assert former.items() >= {
        "blocks-view": "view", "blocks-name": "name", "blocks-other": "other", "blocks-size": "size",
        "blocks-a-stride": "stride_in_1x1", "blocks-b-width": "other_width_per_group",
        "blocks-a-classes": "num_classes", "blocks-a-dilation": "dilation",
        "gradients-pair": "twins", "gradients-norm": "norm", "gradients-initialisation": "initialisation",
        "gradients-activation": "activation", "gradients-version": "version", "gradients-batch": "batch",
        "gradients-seeds": "seeds", "gradients-quantity": "quantity", "gradients-axis": "axis",
        "gradients-claims-depth": "depth", "gradients-shattered-norm": "norm", "gradients-shattered-change": "change",
        "cam-left": "left", "blocks-trained": "network", "classify-networks": "chosen",
    }.items()  # fmt: skip


# ------------------------------------------------------------------------------------------------ endpoints


def test_public_endpoints() -> None:
    found = built().get_api_info()
    assert found is not None
    named = found["named_endpoints"]
    assert set(named) == {f"/{name}" for name in ENDPOINTS}
    assert not found["unnamed_endpoints"]
    for name, (module, expected) in ENDPOINTS.items():
        assert [p["parameter_name"] for p in named[f"/{name}"]["parameters"]] == expected
        description = " ".join(named[f"/{name}"]["description"].split())
        function = getattr(module, "endpoint", None) or getattr(module, name)
        assert description and description == " ".join(function.__doc__.split())
        assert all(f"{parameter}:" in description or f"{parameter}," in description for parameter in expected)


# ------------------------------------------------------------------------------------------------ wiring


def in_named_queues(demo: gr.Blocks) -> list[BlockFunction]:
    """The listeners that share a queue by its name; Gradio names the others' after a number, the function's id."""
    return [fn for fn in demo.fns.values() if not fn.concurrency_id.isdigit()]


def test_what_goes_by_turns_goes_one_at_a_time_but_for_training_and_downloads() -> None:
    """How much is trained at once is up to the machine, so the golden file does not say it."""
    limits = {(fn.concurrency_id, fn.concurrency_limit) for fn in in_named_queues(built())}
    single = {(name, 1) for name in ("network", "network_slow", "measurement")}
    assert limits == {*single, ("fetch", 2), ("training", live_runs.MOST_RUNS)}


@pytest.mark.parametrize("at_once", [1, 8])
def test_the_wiring_is_the_same_on_any_machine(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    page = live_training.PAGE
    assert page.run is not None
    lane = {**page.run.lane, "concurrency_limit": at_once}
    monkeypatch.setattr(live_training, "PAGE", replace(page, run=replace(page.run, lane=lane)))
    assert "; by turns: training\n" in golden()["degradation"]
    assert wiring(shell.build("cpu")) == golden()


def wiring(demo: gr.Blocks, language: str = "en") -> dict[str, str]:
    """For each chapter, one line a listener: what triggers it, the function, what goes in and out, who may call it.

    A chapter's listeners end with that of its own tab. What stands before and after all chapters is "site".
    """
    parts: dict[str, list[dict[str, Any]]] = {}
    before: list[dict[str, Any]] = []
    ids = {c["id"]: c["props"].get("elem_id") or "" for c in components(demo, language)}
    for d in dependencies(demo, language):
        before.append(d)
        opened = [ids.get(i, "").removeprefix("tab-") for i, event in d["targets"] if event == "select"]
        if opened and ids[d["targets"][0][0]].startswith("tab-"):
            parts[opened[0]], before = before, []
    parts["site"] = before
    return {part: "".join(lines(demo, listeners, language)) for part, listeners in parts.items()}


def lines(demo: gr.Blocks, listeners: list[dict[str, Any]], language: str) -> Iterator[str]:
    """Those of one golden file. Components without an elem_id are numbered by their first mention in it."""
    names = Names(components(demo, language))
    for d in listeners:
        fn = demo.fns[d["id"]]
        if d["trigger_after"] is not None:
            triggers = f"after {demo.fns[d['trigger_after']].name}"
        else:
            triggers = ", ".join(f"{names[i]}.{event}" for i, event in d["targets"]) or "nothing"
        inputs, outputs = (", ".join(names[i] for i in d[side]) or "nothing" for side in ("inputs", "outputs"))
        function = fn.name if d["backend_fn"] else "(in the browser)"
        api = f"public /{d['api_name']}" if d["api_visibility"] == "public" else d["api_visibility"]
        queue = f"; by turns: {fn.concurrency_id}" if fn in in_named_queues(demo) else ""
        yield f"{triggers} -> {function}({inputs}) -> {outputs}; {api}{queue}\n"


class Names(dict[int, str]):
    """elem_id, or type and number among those of its type that have none, by component."""

    def __init__(self, known: list[dict[str, Any]]) -> None:
        self.known = {component["id"]: component for component in known}
        self.nameless = Counter[str]()

    def __missing__(self, key: int) -> str:
        component = self.known.get(key)
        if component is None:
            return "page"
        name = component["props"].get("elem_id")
        if not name:
            self.nameless[component["type"]] += 1
            name = f"{component['type']}-{self.nameless[component['type']]}"
        self[key] = name
        return str(name)


def test_no_two_listeners_wait_for_the_last_of_the_same_events() -> None:
    """Gradio's page repeats an event for all of its listeners when one of them is due again: two never end."""
    demo, waiting = built(), Counter[str]()
    names = Names(components(demo, "en"))
    states = {c["id"] for c in components(demo, "en") if c["type"] == "state"}
    for d in dependencies(demo, "en"):
        if d["backend_fn"] and d["trigger_mode"] == "always_last":
            waiting.update(f"{names[i]}.{event}" for i, event in d["targets"] if i in names.known and i not in states)
    assert len(waiting) > 50
    assert [event for event, count in waiting.items() if count > 1] == []


def test_no_choice_is_dropped_because_the_last_one_is_not_answered() -> None:
    """A listener that takes one event at a time would leave the page with the choice before."""
    demo = built()
    names = Names(components(demo, "en"))
    choices = [
        (f"{names[i]}.{event}", d["trigger_mode"])
        for d in dependencies(demo, "en")
        for i, event in d["targets"]
        if event in ("select", "input", "change") and d["backend_fn"]
    ]
    assert len(choices) > 100
    assert [choice for choice, mode in choices if mode == "once" and not choice.startswith("state")] == []


def golden() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in GOLDEN.glob("*.txt")}


def test_wiring_is_the_golden_one() -> None:
    found, expected = wiring(built()), golden()
    assert found.keys() == expected.keys() == {"site", LESSON, *CHAPTERS}
    for part, text in found.items():
        said = f"The listeners differ from {part}.txt. If that is meant: python -m tests.kit.test_build; read the diff."
        assert text.splitlines() == expected[part].splitlines(), said


if __name__ == "__main__":
    for part, text in wiring(built()).items():
        (GOLDEN / f"{part}.txt").write_text(text, "utf-8")
        print(f"{part}: {len(text.splitlines())} listeners")
