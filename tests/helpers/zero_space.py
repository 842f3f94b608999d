"""The app's long work on a Space with ZeroGPU, as a process of its own: prints what happened as JSON.

`spaces` is a stand-in. It runs a lent function in a forked process that has a GPU, passes everything through pickle,
and refuses tensors of the GPU both ways.
"""

import io
import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import get_context
from types import ModuleType
from typing import Any

import gradio as gr

happened: dict[str, Any] = {"seconds": []}


class Parcel(pickle.Pickler):
    """Refuses what ZeroGPU cannot hand over."""

    def reducer_override(self, value: Any) -> Any:
        if getattr(getattr(value, "device", None), "type", "cpu") != "cpu":
            raise pickle.PicklingError(f"a tensor on {value.device}")
        return NotImplemented


def packed(value: Any) -> bytes:
    buffer = io.BytesIO()
    Parcel(buffer).dump(value)
    return buffer.getvalue()


def gpu(duration: Callable[..., int]) -> Callable[..., Any]:
    """`spaces.GPU` for generator functions."""

    def decorate(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def run(*args: Any) -> Iterator[Any]:
            happened["seconds"].append(duration(*args))
            fork = get_context("fork")
            here, there = fork.Pipe()
            worker = fork.Process(target=_work, args=(function, packed(args), there))
            worker.start()
            there.close()
            while (content := here.recv_bytes()) != b"end":
                value = pickle.loads(content)
                if isinstance(value, Exception):
                    raise gr.Error(type(value).__name__) from value
                yield value
            worker.join()

        return run

    return decorate


def _work(function: Callable[..., Iterator[Any]], args: bytes, there: Any) -> None:
    from tests.helpers.standin_gpu import standing_in

    with standing_in():
        try:
            for value in function(*pickle.loads(args)):
                there.send_bytes(packed(value))
        except Exception as error:
            there.send_bytes(pickle.dumps(error))
    there.send_bytes(b"end")


def slip(networks: Any) -> Iterator[Any]:
    """Never brings its result back."""
    import torch

    yield torch.ones(2, device=networks.device)


def main(photo: str) -> None:
    os.environ["SPACES_ZERO_GPU"] = "true"
    spaces = sys.modules["spaces"] = ModuleType("spaces")
    spaces.GPU = gpu  # type: ignore[attr-defined]
    from resnet_demo.kit import zerogpu

    happened["torch_came_before_spaces"] = "torch" in sys.modules
    import torch

    from resnet_demo.chapters.gradcam.pages.maps import search
    from resnet_demo.chapters.gradcam.pages.measured_checks import measured
    from resnet_demo.chapters.gradcam.pages.measured_maps import Asked
    from resnet_demo.kit.memory import CACHES
    from resnet_demo.kit.offered_networks import Networks

    networks = Networks(zerogpu.home("auto"))
    pair = Asked(photo, ("resnet18-imagenette", "plain18-imagenette"), method="ablationcam")
    alone = replace(pair, keys=pair.keys[:1])
    *steps, last = search(networks, pair)
    *_, curves = measured(networks, "curves", alone)
    *_, cascade = measured(networks, "randomised", alone)
    *_, problem = measured(networks, "curves", replace(alone, path=None))
    try:
        list(zerogpu.lent(lambda _: 1)(slip)(networks))
    except gr.Error as error:
        happened["slip"] = error.message
    happened.update(
        device=networks.device,
        steps=len(steps),
        maps=[look.explanation.map.tolist() for look in last.looks],
        deletion=[one.curves.deletion_area for one in curves.found],
        cascade=[step.stage for step in cascade.found[0]],
        problem=problem.key,
        loaded_here=CACHES["networks"].bytes,
        cuda_here=torch.cuda.is_initialized(),
    )
    print(json.dumps(happened))


if __name__ == "__main__":
    main(sys.argv[1])
