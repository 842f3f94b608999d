"""How long an answer of the calculator takes on the server: `python -m tests.benchmarks.parameters`.

"handler" is everything that is computed and worded for one change of a control: four blocks, the chart, the equal
budget, the text to copy and the link. "request" adds what Gradio does around it. Milliseconds, over 200 runs.
"""

import asyncio
import statistics
import time
from collections.abc import Callable

import gradio as gr
from gradio.state_holder import SessionState

from resnet_demo import shell
from resnet_demo.chapters.parameters.notation import read
from resnet_demo.chapters.parameters.pages import blocks_answers as parameters_answers
from resnet_demo.chapters.parameters.pages import depth as parameters_depth
from resnet_demo.chapters.parameters.pages import heads as parameters_heads
from resnet_demo.chapters.parameters.pages import timeline as parameters_networks
from resnet_demo.chapters.parameters.pages.columns import settings
from resnet_demo.chapters.parameters.pages.presets import PRESETS

RUNS = 200
ASKED = (56, "A", "parameters", "B", "channels", "C", "parameters", "latex")


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
    fn = next(fn for fn in demo.fns.values() if fn.fn is parameters_answers.render)
    held = {c["id"]: c["props"].get("value") for c in demo.config["components"]}
    inputs = [None if isinstance(block, gr.State) else held[block._id] for block in fn.inputs]
    inputs[0] = "en"
    state = SessionState(demo)
    loop = asyncio.new_event_loop()
    return lambda: loop.run_until_complete(demo.process_api(fn, inputs, state=state, explicit_call=True))


def main() -> None:
    rows: dict[str, Callable[[], object]] = {}
    for preset, texts in PRESETS.items():
        blocks = [read(text) for text in texts] + [None] * (4 - len(texts))
        values = [value for b in blocks for value in settings(b)]
        rows[f"handler, {preset}"] = lambda values=values: parameters_answers.render("zh", None, *ASKED, *values)
    rows["handler, heads"] = lambda: parameters_heads.render("zh", None, 300, 4096, 1000)
    rows["handler, networks"] = lambda: parameters_networks.render("zh", None, "macs")
    rows["handler, depth"] = lambda: parameters_depth.render("zh", None, "basic", 3, 8, 36, 3, "macs")
    rows["request, first comparison"] = request()
    print(f"{'milliseconds':28} {'median':>8} {'95 %':>8} {'most':>8}")
    for name, act in rows.items():
        print(f"{name:28} " + " ".join(f"{taken:8.2f}" for taken in measured(act)))


if __name__ == "__main__":
    main()
