"""The README's notebook, run in a real kernel: what each result shows, and the app below its cell."""

import base64
import io
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from resnet_demo import shell
from resnet_demo.errors import CheckpointError
from tests.helpers.refused import photograph
from tests.helpers.running import ROOT

PAIR = ["resnet18-imagenette", "plain18-imagenette"]


def cells() -> list[str]:
    """The README's lines: the imports together, then each in a cell of its own."""
    section = (ROOT / "README.md").read_text("utf-8").split("### In a notebook")[1]
    found = re.search("```python\n(.*?)```", section, re.DOTALL)
    assert found
    imports, _, rest = found[1].partition("\n\n")
    return [imports, *rest.splitlines()]


@pytest.fixture(scope="module", params=["", "module://matplotlib_inline.backend_inline"], ids=["plain", "inline"])
def outputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each cell shows, by its first word."""
    folder = tmp_path_factory.mktemp("notebook")
    photograph().save(folder / "photo.jpg")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line) for line in cells()])
    client = NotebookClient(notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment |= {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    environment |= {"MPLBACKEND": request.param} if request.param else {}
    client.execute(env=environment)
    return {cell.source.split("(")[0].split(",")[0]: cell.outputs for cell in notebook.cells[1:]}


def data(found: list[Any]) -> dict[str, str]:
    """What a cell's result is shown as."""
    (result,) = [output for output in found if output.output_type in ("execute_result", "display_data")]
    return dict(result.data)


def test_nothing_is_written_to_standard_error(outputs: dict[str, list[Any]]) -> None:
    assert [one.text for found in outputs.values() for one in found if one.get("name") == "stderr"] == []


def test_a_prediction_is_a_table_with_bars(outputs: dict[str, list[Any]]) -> None:
    html = data(outputs["classify"])["text/html"]
    assert html.count("<tr>") == 6 and html.count("background:#4f46e5") == 5
    shares = [float(share) for share in re.findall(r"<td>([\d.]+)%</td>", html)]
    assert len(shares) == 5 and shares == sorted(shares, reverse=True)


def test_an_explanation_is_the_map_over_the_picture(outputs: dict[str, list[Any]]) -> None:
    shown = Image.open(io.BytesIO(base64.b64decode(data(outputs["explain"])["image/png"])))
    assert shown.size == (160, 160) and len(shown.getcolors(160 * 160) or []) > 1_000


def test_blocks_are_a_table(outputs: dict[str, list[Any]]) -> None:
    html = data(outputs["blocks"])["text/html"]
    assert html.count("<tr>") == 1 + 20 + 6 + 1  # header, rows, stages, total
    assert "<td>layer3.5</td>" in html and "<th>25,557,032</th>" in html


def test_the_app_opens_below_its_cell(outputs: dict[str, list[Any]]) -> None:
    frames = [one.data["text/html"] for one in outputs["show"] if "text/html" in one.get("data", {})]
    assert len(frames) == 1
    assert re.search(r'<iframe src="http://127\.0\.0\.1:\d+/" width="100%" height="900"', frames[0])


def test_it_opens_at_the_photograph_and_the_pair(tmp_path: Path) -> None:
    pair = PAIR[::-1]
    demo = shell.build("cpu", photo=photograph(seed=7), pair=pair)
    shown = {c["props"].get("elem_id"): c["props"].get("value") for c in demo.config["components"]}
    assert shown["classify-chosen"] == pair
    assert (shown["gradcam-left"], shown["gradcam-right"]) == tuple(pair)
    with Image.open(shown["photo"]["path"]) as image:
        assert image.convert("RGB").tobytes() == photograph(seed=7).tobytes()


def test_a_pair_that_is_not_there_is_refused() -> None:
    with pytest.raises(CheckpointError, match="There is no network resnet9-imagenette here"):
        shell.build("cpu", pair=["resnet9-imagenette"])
