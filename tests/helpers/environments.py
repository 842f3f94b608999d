"""Python environments beside this one, made for a test."""

import subprocess
import sys
import sysconfig
from pathlib import Path


def extended(folder: Path, *requirements: str) -> Path:
    """The interpreter of an environment with this one's packages, and `requirements` that come before them."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    purelib = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    own = subprocess.run([python, "-c", purelib], check=True, capture_output=True, text=True).stdout.strip()
    (Path(own) / "later.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")
    install(python, *requirements)
    return python


def fresh(folder: Path, *arguments: str) -> Path:
    """The interpreter of a new environment in which `pip install` ran with these arguments."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    install(python, *arguments)
    return python


def install(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
