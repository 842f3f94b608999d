"""Every text on screen comes from here: `t(language, key, **values)`."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "简体中文"}
PACKAGE = Path(__file__).parents[1]
FOLDERS = ("text", "kit/text", "chapters/*/text", "lesson/text")
"""Where catalogues lie: beside the errors, in the kit, in each chapter and in the lesson."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of a language, by key. Raises ValueError for a key that stands in two catalogues."""
    texts: dict[str, str] = {}
    for path in catalogues(language):
        own: dict[str, str] = json.loads(path.read_text("utf-8"))
        if twice := texts.keys() & own.keys():
            raise ValueError(f"{path.name} of {path.parent.parent.name} repeats {sorted(twice)}")
        texts |= own
    return texts


def catalogues(language: str) -> list[Path]:
    """The files that hold the texts of a language."""
    return [path for folder in FOLDERS for path in sorted(PACKAGE.glob(f"{folder}/{language}.json"))]


@cache
def imagenet(language: str) -> Mapping[str, str]:
    """Names of ImageNet's classes, by id: none in English, which the networks' cards speak themselves.

    The ten that Imagenette has, too, are the catalogue's.
    """
    path = PACKAGE / "kit" / "text" / "imagenet" / f"{language}.json"
    names: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return names


def t(language: str, key: str, /, **values: object) -> str:
    """The text `key` with `values` put in. Raises KeyError for a missing key or value."""
    return catalogue(language)[key].format(**values)


def preferred(accept_language: str) -> str:
    """The best of our languages for a browser's Accept-Language header: "zh-CN,zh;q=0.9,en;q=0.8" gives "zh"."""
    wishes = []
    for position, wish in enumerate(accept_language.split(",")):
        tag, _, quality = wish.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            wishes.append((-_number(quality), position, language))
    return min(wishes)[2] if wishes else "en"


def _number(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
