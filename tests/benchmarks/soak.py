"""Does memory stay flat? `python -m tests.benchmarks.soak [--requests 2000]`: mixed requests, and what each leaves."""

import argparse
import tempfile
from pathlib import Path

from gradio_client import Client, handle_file

from tests.helpers.refused import photograph
from tests.helpers.running import running

PAIR = ("resnet18-imagenette", "plain18-imagenette")
WARM = 0.25
"""The part of the requests before memory is compared: caches fill."""
PAGE = 4096
"""Bytes of a page of memory, in /proc."""


def resident(pid: int) -> float:
    """Megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6


def ask(client: Client, number: int, folder: Path) -> None:
    """One of five requests in turn; every photograph is another, and every tenth client is a new visitor."""
    path = folder / f"{number}.png"
    if number % 5 < 2:
        photograph(320, 260, number).save(path)
    calls = (
        lambda: client.predict(handle_file(str(path)), list(PAIR), "en", api_name="/classify"),
        lambda: client.predict(
            handle_file(str(path)), *PAIR, "own", "layer4", "gradcam", "zh", api_name="/compare_cam"
        ),
        lambda: client.predict("resnet50", 160 + number % 64, "en", api_name="/blocks"),
        lambda: client.predict(64 + number, 64, 3, 56, ["vgg", "bottleneck"], "zh", api_name="/count_parameters"),
        lambda: client.predict(number / 100, 0.5, -0.1, 0, 0, "relu", "en", api_name="/residual_step"),
    )
    calls[number % 5]()
    path.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    count = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with running(folder / "app", "--device", "cpu", "--quiet") as app:
            assert app.process is not None
            print("| requests | resident, MB |\n|---|---|")
            sizes = {0: resident(app.process.pid)}
            for number in range(count):
                if number % 10 == 0:
                    client = Client(app.url, verbose=False, analytics_enabled=False, download_files=False)
                ask(client, number, folder)
                if (number + 1) % max(1, count // 8) == 0:
                    sizes[number + 1] = resident(app.process.pid)
                    print(f"| {number + 1} | {sizes[number + 1]:.0f} |", flush=True)
    start = min((number for number in sizes if number >= WARM * count), default=0)
    last = max(sizes)
    if last > start:
        grown = 1000 * (sizes[last] - sizes[start]) / (last - start)
        print(f"\n{grown:+.1f} kB a request over the last {last - start}")


if __name__ == "__main__":
    main()
