"""How much slower is a classification while somebody trains? `python -m tests.benchmarks.responsiveness`"""

import statistics
import time

from resnet_demo.chapters.degradation.live_training import Settings, start
from resnet_demo.data.examples import examples
from resnet_demo.explain import classify
from resnet_demo.models import load

ROUNDS, CALLS = 5, 20


def milliseconds(call: object) -> float:
    """The median time of `CALLS` classifications by the matched pair."""
    assert callable(call)
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def main() -> None:
    pair = [load(name) for name in ("resnet18", "plain18")]
    image = examples()[0].open()

    def both() -> None:
        for classifier in pair:
            classify(classifier, image)

    both()
    alone, beside = [], []
    for _ in range(ROUNDS):  # alternating, so that a drift of the machine falls on both
        alone.append(milliseconds(both))
        process = start(Settings((20, 56), 16, 30, 0.1))
        assert process.stdout is not None
        process.stdout.readline()  # it trains
        beside.append(milliseconds(both))
        process.kill()
        process.wait()
        process.stdout.close()
    quiet, busy = statistics.median(alone), statistics.median(beside)
    print("| a photograph, both networks | ms, median |\n|---|---|")
    print(f"| alone | {quiet:.0f} |\n| beside a live training | {busy:.0f} |\n| ratio | {busy / quiet:.2f} |")


if __name__ == "__main__":
    main()
