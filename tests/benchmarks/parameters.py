"""How long an answer of the calculator takes on the server: `python -m tests.benchmarks.parameters`.

Everything that is computed and worded for one change of a control: of the blocks for each comparison, of the other
pages for their first values. "request" adds what Gradio does around it. Milliseconds, over 200 runs.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from functools import partial

from gradio.state_holder import SessionState

from resnet_demo import shell
from resnet_demo.chapters import parameters
from resnet_demo.shell import page_of
from tests.helpers import pages

RUNS = 200


def measured(act: Callable[[], object], runs: int = RUNS) -> tuple[float, float, float]:
    """Median, 95th percentile and maximum."""
    times = []
    for _ in range(runs + 5):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    kept = sorted(times[5:])
    return statistics.median(kept), kept[int(0.95 * len(kept))], kept[-1]


def request() -> Callable[[], object]:
    """One change of a control through Gradio's own route, with what the page holds at first."""
    demo = shell.build("cpu")
    fn = next(fn for fn in demo.fns.values() if any(block.elem_id == "parameters-blocks-cards" for block in fn.outputs))
    held = {c["id"]: c["props"].get("value") for c in demo.config["components"]}
    inputs = [held[block._id] for block in fn.inputs]
    state = SessionState(demo)
    loop = asyncio.new_event_loop()
    return lambda: loop.run_until_complete(demo.process_api(fn, inputs, state=state, explicit_call=True))


def main() -> None:
    rows: dict[str, Callable[[], object]] = {}
    for name in parameters.PAGES:
        page = page_of(parameters, name)
        for preset in page.presets:
            rows[f"{name}, {preset.name}"] = partial(pages.show, "parameters", page, "zh", **preset.values)
        rows[name] = partial(pages.show, "parameters", page, "zh")
    rows["blocks, request"] = request()
    print(f"{'milliseconds':28} {'median':>8} {'95 %':>8} {'most':>8}")
    for name, act in rows.items():
        print(f"{name:28} " + " ".join(f"{taken:8.2f}" for taken in measured(act)))


if __name__ == "__main__":
    main()
