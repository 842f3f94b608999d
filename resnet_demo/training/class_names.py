"""Names of the classes of an image folder of one's own, and the dataset that the folder is."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from resnet_demo.data.datasets import Pictures
from resnet_demo.data.folders import SHOWN
from resnet_demo.data.sources import info_of
from resnet_demo.errors import DatasetError


def read_names(path: Path) -> dict[str, str]:
    """Folder to name: a JSON object, or a folder and a name on each line, with a tab or spaces between them.

    Raises DatasetError for anything else.
    """
    text = ""
    try:
        text = path.read_text("utf-8-sig")
        found = json.loads(text)
    except UnicodeDecodeError:
        found = None
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        pairs = [line.split("\t", 1) if "\t" in line else line.split(None, 1) for line in lines]
        found = {pair[0].strip(): pair[1].strip() for pair in pairs} if all(len(p) == 2 for p in pairs) else None
    if not isinstance(found, dict) or not found or not all(isinstance(name, str) and name for name in found.values()):
        raise DatasetError("names_file", path=str(path))
    return found


def check_names(names: Mapping[str, str], classes: Collection[str], dataset: str, data_dir: Path) -> None:
    """Raises DatasetError for `names` of a known dataset, and of classes that the dataset does not have."""
    if names and info_of(dataset).classes:
        raise DatasetError("names_known", title=info_of(dataset).title)
    if unknown := sorted(names.keys() - set(classes)):
        title = info_of(dataset).title
        raise DatasetError(
            "names_unknown", count=len(unknown), names=", ".join(unknown[:SHOWN]), path=str(data_dir), title=title
        )


def named(pictures: Pictures, names: Mapping[str, str]) -> Pictures:
    """The same pictures, with `names` for the classes that it has."""
    return replace(pictures, classes={key: names.get(key, name) for key, name in pictures.classes.items()})
