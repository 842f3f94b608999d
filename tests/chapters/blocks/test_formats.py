"""The table as text, CSV, Markdown and JSON: golden files, and every format read back.

The files are written by `python -m resnet_demo blocks NAME --format FORMAT`.
"""

import csv
import io
import json
from pathlib import Path

import pytest

from resnet_demo.chapters.blocks.formats import as_csv, as_dict, as_json, as_markdown, table
from resnet_demo.chapters.blocks.rows import blocks, stage_sums, totals

pytestmark = pytest.mark.quick

GOLDEN = Path(__file__).parents[2] / "golden" / "blocks"


def golden(name: str) -> str:
    return (GOLDEN / f"blocks-{name}").read_text("utf-8")


@pytest.mark.parametrize(("name", "size"), [("resnet18", 224), ("resnet50", 224), ("plain34", 224), ("resnet56", 32)])
def test_golden_texts(name: str, size: int) -> None:
    assert table(blocks(name, size)) == golden(f"{name}-{size}.txt")


def test_golden_exports() -> None:
    rows = blocks("resnet18")
    assert as_csv(rows) == golden("resnet18-224.csv")
    assert as_markdown(rows) == golden("resnet18-224.md")
    assert as_json(rows, name="resnet18", size=224, options={}) == golden("resnet18-224.json")


@pytest.mark.parametrize("name", ["resnet50", "plain20", "resnext50_32x4d"])
def test_csv_read_back(name: str) -> None:
    rows = blocks(name, 64)
    found = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert [line["name"] for line in found] == [row.name for row in rows]
    for line, row in zip(found, rows, strict=True):
        assert line["kernels"] == row.kernels
        assert tuple(map(int, line["output"].split("x"))) == row.output
        assert line["effective_stride"] == ("" if row.effective_stride is None else str(row.effective_stride))
    for field in ("parameters", "shortcut_parameters", "macs", "memory"):
        assert sum(int(line[field]) for line in found) == getattr(totals(rows), field)


def test_json_read_back() -> None:
    rows = blocks("resnet50", 64, preactivation=True)
    found = json.loads(as_json(rows, name="resnet50", size=64))
    assert (found["name"], found["size"]) == ("resnet50", 64)
    assert found == {"name": "resnet50", "size": 64, **json.loads(json.dumps(as_dict(rows)))}
    assert found["totals"]["parameters"] == totals(rows).parameters
    assert [stage["paper"] for stage in found["stages"]] == [stage.paper for stage in stage_sums(rows)]
    assert found["rows"][2]["output"] == list(rows[2].output)
    assert "layers" not in found["rows"][2]


def test_markdown_is_one_table_of_equal_lines() -> None:
    rows = blocks("resnet20", 32)
    lines = as_markdown(rows).split("\n\n")[0].splitlines()
    assert len(lines) == 2 + len(rows) + len(stage_sums(rows)) + 1
    assert {line.count("|") for line in lines} == {15}
    assert lines[-1].startswith("| **total** |") and "**269,722**" in lines[-1]


def test_text_has_the_stages_and_the_total() -> None:
    lines = table(blocks("resnet18")).splitlines()
    rules = [index for index, line in enumerate(lines) if set(line) == {"-"}]
    assert [line.split()[0] for line in lines[rules[1] + 1 : rules[2]]] == [
        *("conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "head"),
    ]
    assert lines[rules[2] + 1].split() == ["total", "11,689,512", "173,824", "1,814,073,344", "19,972,096"]
