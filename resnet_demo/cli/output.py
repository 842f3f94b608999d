"""Prints results to standard output; everything else goes to standard error.

Names of files and classes are data and may hold anything: whatever would steer a terminal is escaped.
"""

import json
import re
import sys

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tab and line feed, and those that reverse the direction of what follows."""


def emit(as_json: bool, value: object, text: str) -> None:
    """Prints `value` as JSON, or `text`."""
    if not as_json:
        print(printable(text.rstrip("\n")))
        return
    written = json.dumps(value, indent=1, ensure_ascii=False)
    try:
        written.encode(sys.stdout.encoding)
    except UnicodeEncodeError:  # then as escapes, which every reader of JSON turns back
        written = json.dumps(value, indent=1)
    print(printable(written))


def printable(text: str) -> str:
    """With control characters as escapes, in JSON, too."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: object) -> str:
    """For a line of its own, whatever names stand in it."""
    return printable(str(text).replace("\n", "\\n"))
