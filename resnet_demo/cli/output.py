"""Prints results to standard output; everything else goes to standard error."""

import json


def emit(as_json: bool, value: object, text: str) -> None:
    """Prints `value` as JSON, or `text`."""
    print(json.dumps(value, indent=1, ensure_ascii=False) if as_json else text.rstrip("\n"))
