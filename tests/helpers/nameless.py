"""Runs a program, as in `python nameless.py app.py --port 7860`, for a user of whom the system knows no name."""

import os
import pwd
import runpy
import sys
from typing import NoReturn


def missing(uid: int) -> NoReturn:
    raise KeyError(f"getpwuid(): uid not found: {uid}")


if __name__ == "__main__":
    pwd.getpwuid = missing
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        os.environ.pop(name, None)
    sys.argv = sys.argv[1:]
    sys.path.insert(0, os.getcwd())
    runpy.run_path(sys.argv[0], run_name="__main__")
