"""How long the gradient tab's measurements take: `python -m tests.benchmarks.gradients [threads]`, a table in Markdown.

A pair is a ResNet and its plain twin: both are drawn, copied, run forward and backward, and every layer is recorded.
CPU seconds are those of all threads together; on a machine with other work to do they tell more than the clock.
"""

import sys
from time import perf_counter, process_time

import torch

from resnet_demo.chapters.gradients.pages import measurements
from resnet_demo.chapters.gradients.pages.shattered_gradients import correlations
from resnet_demo.kit.offered_networks import Networks

NETWORKS = Networks("cpu")
REPEATS = 3
LIMITS = {"cifar-20": 1.0, "cifar-56": 3.0}
"""Seconds that are promised on two cores."""


def seconds(pair: str) -> tuple[float, float]:
    """Clock and CPU seconds, each the best of some runs of one seed, as the tab measures it."""
    clock, cpu = [], []
    for _ in range(REPEATS):
        measurements.untrained_flow.cache_clear()
        measurements.trained_flow.cache_clear()
        started, busy = perf_counter(), process_time()
        measured = measurements.measured(NETWORKS, measurements.Setting(pair), 1)
        clock.append(perf_counter() - started)
        cpu.append(process_time() - busy)
        assert measured.twins[0].residual.loss > 0
    return min(clock), min(cpu)


def main() -> None:
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    print(f"{torch.get_num_threads()} threads, best of {REPEATS}\n")
    print("| pair | batch | seconds | CPU seconds | promised |\n|---|---|---|---|---|")
    for pair in ("cifar-8", "cifar-20", "cifar-56", "cifar-110", "imagenet-18", "imagenet-50", "imagenet-152"):
        stem = measurements.PAIRS[pair][0]
        size = f"{measurements.PICTURES[stem]} at {measurements.SIDES[stem]} px"
        clock, cpu = seconds(pair)
        print(f"| {pair} | {size} | {clock:.2f} | {cpu:.2f} | {LIMITS.get(pair, '')} |", flush=True)
    for pair in measurements.trained_pairs(NETWORKS):
        clock, cpu = seconds(pair)
        print(f"| {pair}, trained | {measurements.TRAINED_PICTURES} | {clock:.2f} | {cpu:.2f} | |", flush=True)
    started, busy = perf_counter(), process_time()
    for plain in (False, True):
        correlations(NETWORKS, 56, "batch", plain)
    clock, cpu = perf_counter() - started, process_time() - busy
    print(f"| cifar-56, shattering, 4 changes | 8 at 32 px | {clock:.2f} | {cpu:.2f} | |")


if __name__ == "__main__":
    main()
