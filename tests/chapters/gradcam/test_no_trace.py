"""A measurement of the heat maps' tab that is stopped midway leaves nothing behind in the app's networks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx2
import pytest

from resnet_demo import shell
from resnet_demo.chapters.gradcam.pages.maps import search
from resnet_demo.chapters.gradcam.pages.measured_checks import CHECKS, measured
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked
from resnet_demo.kit.offered_networks import Networks
from tests.helpers.refused import photograph
from tests.helpers.running import free_port
from tests.helpers.traces import ended, live, state, workers

PAIR = ("resnet18-imagenette", "plain18-imagenette")
SLOW_QUESTION = (*PAIR, "own", ["layer4"], "scorecam", "none", False)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """A photograph of no other test's: what was computed for it before would be kept, and nothing would run."""
    path = tmp_path / "photo.png"
    photograph(seed=7).save(path)
    return str(path)


def states(networks: Networks) -> list[dict[str, object]]:
    return [state(networks.get(key).network) for key in PAIR]


@pytest.mark.parametrize("what", ["scorecam", "ablationcam", *CHECKS])
def test_a_stopped_run_leaves_no_trace(networks: Networks, picture: str, what: str) -> None:
    def measure() -> Any:
        if what in CHECKS:
            return measured(networks, what, Asked(picture, PAIR))
        return search(networks, Asked(picture, PAIR, method=what))

    def stopped_midway() -> None:
        steps = measure()
        for _ in range(2):
            next(steps)
        steps.close()
        assert ended(threads)

    threads = workers()
    stopped_midway()  # the first analysis is kept, for the next question
    before, tensors = states(networks), live()
    for _ in range(3):
        stopped_midway()
    assert states(networks) == before
    assert live() == tensors


@pytest.fixture
def served() -> Iterator[tuple[gr.Blocks, httpx2.Client]]:
    """The app in this process, so that its networks can be looked at, and a visitor's connection to it."""
    demo = shell.build("cpu")
    demo.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True)
    with httpx2.Client(base_url=f"{demo.local_url}gradio_api", timeout=120) as client:
        yield demo, client
    demo.close()


def test_a_run_that_a_visitor_stops_leaves_no_trace(
    networks: Networks, picture: str, served: tuple[gr.Blocks, httpx2.Client]
) -> None:
    """As the page asks: a photograph sent, Score-CAM started, steps heard, stopped."""
    demo, client = served
    (path,) = client.post("/upload", files={"files": ("photo.png", Path(picture).read_bytes())}).json()
    photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
    run = next(
        fn
        for fn in demo.fns.values()
        if fn.name == "running" and any(block.elem_id == "gradcam-maps-answer" for block in fn.outputs)
    )
    threads = workers()

    def started_and_stopped(session: str) -> None:
        asked = {"data": [photo, *SLOW_QUESTION], "fn_index": run._id, "session_hash": session}
        event = client.post("/queue/join", json=asked).raise_for_status().json()["event_id"]
        told = 0
        with client.stream("GET", "/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                said = json.loads(line.removeprefix("data: ")) if line else {}
                assert said.get("msg") != "process_completed" or told >= 4, said
                if said.get("msg") == "process_completed":
                    break
                told += said.get("msg") == "process_generating"
                if told == 4:  # of some sixty
                    stop = {"session_hash": session, "fn_index": run._id, "event_id": event}
                    assert client.post("/cancel", json=stop).json() == {"success": True}
                    told += 1
        assert ended(threads)

    started_and_stopped("first")
    before, tensors = states(networks), live()
    started_and_stopped("second")
    assert states(networks) == before
    assert live() == tensors
