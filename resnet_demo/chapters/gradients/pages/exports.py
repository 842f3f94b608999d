"""The measured numbers as plain records, as a table and as a file for the browser to save."""

import csv
import io
import json
from dataclasses import asdict, replace
from typing import Any

from resnet_demo.chapters.gradients.gradient_curves import Flow
from resnet_demo.chapters.gradients.pages.measurements import Measured, Run
from resnet_demo.kit.display_names import without_token
from resnet_demo.kit.downloads import finite

COLUMNS = ("network", "seed", "quantity", "layer", "position", "value")


def records(measured: Measured) -> dict[str, Any]:
    """A measurement as JSON: the setting, then both networks' flows for each seed."""
    return {
        "setting": asdict(replace(measured.setting, pair=without_token(measured.setting.pair))),
        "pictures": measured.count,
        "side": measured.side,
        "seeds": [
            {"seed": twins.seed, "residual": _flow(twins.residual), "plain": _flow(twins.plain)}
            for twins in measured.twins
        ],
    }


def _flow(flow: Flow) -> dict[str, Any]:
    record: dict[str, Any] = finite(asdict(flow) | {"parameters": dict(flow.parameters)})
    return record


def rows(measured: Measured) -> list[tuple[str, int, str, str, int, float]]:
    """A measurement as a long table, one number a row."""
    found = []
    for twins in measured.twins:
        for flow in (twins.residual, twins.plain):
            for c in flow.convolutions:
                found.append((flow.network, twins.seed, "weight_gradient", c.name, c.position, c.gradient))
                found.append((flow.network, twins.seed, "response_deviation", c.name, c.position, c.response))
            for place in flow.inputs:
                found.append((flow.network, twins.seed, "input_gradient", place.name, place.position, place.gradient))
                found.append((flow.network, twins.seed, "input_deviation", place.name, place.position, place.deviation))
    return found


def csv_file(run: Run) -> dict[str, str]:
    """The run as a CSV file: its name, type and text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for measured in run.depths:
        writer.writerows(rows(measured))
    return {"file": f"{_name(run)}.csv", "type": "text/csv", "text": buffer.getvalue()}


def json_file(run: Run) -> dict[str, str]:
    """The run as a JSON file: its name, type and text."""
    text = json.dumps([records(measured) for measured in run.depths], indent=1)
    return {"file": f"{_name(run)}.json", "type": "application/json", "text": text}


def _name(run: Run) -> str:
    return f"gradients-{without_token(run.current.setting.pair)}"
