"""How long until the first page is there? `python -m tests.benchmarks.start [--rounds 5]`: the app and empty ones."""

import argparse
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.helpers.running import running

EMPTY = ("-m", "tests.benchmarks.empty")


def seconds(folder: Path, *options: str, program: tuple[str, ...]) -> float:
    """From the command to the whole first page."""
    started = time.perf_counter()
    with running(folder, *options, program=program) as app:
        urllib.request.urlopen(app.url, timeout=60).read()
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    kinds: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "an empty Gradio app": ((), EMPTY),
        "with torch and torchvision": (("--torch",), EMPTY),
        "this app": (("--device", "cpu", "--quiet"), ("app.py",)),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    with tempfile.TemporaryDirectory() as temporary:
        for _ in range(rounds):  # in turn, so that a drift of the machine falls on all
            for name, (options, program) in kinds.items():
                times[name].append(seconds(Path(temporary), *options, program=program))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print("| start to first page | s, median | ratio |\n|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.1f} | {median / medians['with torch and torchvision']:.2f} |")


if __name__ == "__main__":
    main()
