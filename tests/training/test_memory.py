"""Memory that is freed in one step is there for the next."""

import platform
import resource
import sys

import pytest
import torch

from resnet_demo.training.memory import keep_memory


def test_large_maps_are_reused_without_page_faults() -> None:
    kept = keep_memory()
    assert kept == (sys.platform == "linux" and platform.libc_ver()[0] == "glibc")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(2**24)  # 64 MiB: 16,384 pages
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert not kept or faults < 5 * 16_384


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not keep_memory()
