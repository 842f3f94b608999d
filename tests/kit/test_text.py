"""The catalogues: complete in both languages, alike in their placeholders, and honest with the code."""

import ast
import re
import string
from pathlib import Path

import pytest

from resnet_demo.chapters import CHAPTERS
from resnet_demo.data.classes import CIFAR10, IMAGENETTE, STL10
from resnet_demo.data.examples import examples
from resnet_demo.kit.text import LANGUAGES, catalogue, catalogues, preferred, t

pytestmark = pytest.mark.quick

PACKAGE = Path(__file__).parents[2] / "resnet_demo"
ERRORS = {
    "DemoError",
    "ArchitectureError",
    "CheckpointError",
    "DatasetError",
    "PictureError",
    "CountError",
    "ResidualError",
}


def raised() -> set[str]:
    """The key of every expected error in the package, read off its source."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                found.add(ast.literal_eval(node.args[0]))
    return found


def placeholders(text: str) -> list[str]:
    """Name and format of each value, as in {low:,}."""
    return sorted({f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name})


def test_languages_have_the_same_keys_in_the_same_order():
    assert list(catalogue("en")) == list(catalogue("zh"))


@pytest.mark.parametrize("key", catalogue("en"))
def test_translations_take_the_same_values(key):
    assert placeholders(catalogue("en")[key]) == placeholders(catalogue("zh")[key])
    assert catalogue("en")[key].strip() and catalogue("zh")[key].strip()


def test_every_expected_error_has_its_sentence_in_both_languages():
    assert {f"error.{key}" for key in raised()} <= catalogue("en").keys() & catalogue("zh").keys()


def test_no_error_text_is_left_over():
    assert {key.removeprefix("error.") for key in catalogue("en") if key.startswith("error.")} == raised()


def asked_for() -> list[re.Pattern[str]]:
    """Every string of the package and every key of a template as a pattern; a value put in may be any part of a key."""
    patterns = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in node.values]
                patterns.append(re.compile("".join(parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.append(re.compile(re.escape(node.value)))
    for path in PACKAGE.rglob("*.html"):
        named = re.findall(r't\("([\w.]+)"( ~)?', path.read_text("utf-8"))
        patterns += [re.compile(re.escape(key) + (r"[\w.]+" if joined else "")) for key, joined in named]
    return [pattern for pattern in patterns if "." in pattern.pattern]


def test_every_text_is_used():
    patterns = asked_for()
    assert [key for key in catalogue("en") if not any(pattern.fullmatch(key) for pattern in patterns)] == []


def test_chinese_is_chinese():
    proper = {"gradcam.title", "parameters.flops", "parameters.preset.dense"}
    proper |= {"residual.start.nan", "parameters.and", "degradation.comma", "term.logit"}
    proper |= {f"gradients.batch_norm.x{i}" for i in range(1, 5)}
    proper |= {"lesson.comma", "lesson.block.option.branch"}
    proper |= {key for key in catalogue("zh") if key.startswith(("parameters.family.", "lesson.check."))}
    latin = [key for key, text in catalogue("zh").items() if not re.search(r"[\u4e00-\u9fff]", text)]
    assert set(latin) <= proper


def test_missing_key_and_missing_value_raise():
    with pytest.raises(KeyError):
        t("en", "no.such.key")
    with pytest.raises(KeyError):
        t("en", "classify.crop")


def test_values_are_put_in():
    assert t("en", "classify.crop", side=160) == "What the network sees: the central crop, scaled to 160 × 160 pixels"
    assert t("zh", "classify.crop", side=160) == "网络看到的画面：裁取中央部分并缩放为 160 × 160 像素"


def test_every_class_and_example_is_worded():
    for language in LANGUAGES:
        for known in (IMAGENETTE, CIFAR10, STL10):
            assert all(f"class.{key}" in catalogue(language) for key in known)
        assert all(f"example.{example.key}" in catalogue(language) for example in examples())
    assert {key: catalogue("en")[f"class.{key}"] for key in IMAGENETTE} == IMAGENETTE


def test_every_chapter_has_a_catalogue_for_each_language():
    shared = {PACKAGE / "text", PACKAGE / "kit" / "text", PACKAGE / "lesson" / "text"}
    folders = shared | {PACKAGE / "chapters" / name / "text" for name in CHAPTERS}
    for language in LANGUAGES:
        assert {path.parent for path in catalogues(language)} == folders
    assert {path.stem for folder in folders for path in folder.glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("de-DE,de;q=0.9,zh;q=0.5,en;q=0.3", "zh"),
        ("en;q=0.2,zh-TW;q=0.7", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("zh;q=broken,en;q=0.1", "en"),
        (";;,,q=", "en"),
    ],
)
def test_language_of_a_browser(header, language):
    assert preferred(header) == language
