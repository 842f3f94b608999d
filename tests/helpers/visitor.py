"""A browser's session played without a browser: the page's values in, through a listener, the page's values out."""

import asyncio
from typing import Any

import gradio as gr
from gradio.events import EventData
from gradio.state_holder import SessionState

EVENT = {"index": 8, "block": ""}  # the ninth example's thumbnail; a pixel of no block


class Visitor:
    """One browser's session on the site in one language: sends what the page holds."""

    def __init__(self, demo: gr.Blocks, language: str) -> None:
        self.demo, self.language = demo, language
        self.state = SessionState(demo)
        self.values = {c["id"]: c["props"].get("value") for c in demo.config["components"]}

    @property
    def listeners(self) -> list[Any]:
        """Those of the site, in the order of the page."""
        own = self.demo.config["page"]["" if self.language == "en" else self.language]["dependencies"]
        return [self.demo.fns[d["id"]] for d in self.demo.config["dependencies"] if d["backend_fn"] and d["id"] in own]

    def listener(self, name: str, into: str) -> Any:
        """The listener of that name with an output whose elem_id is `into`."""
        return next(fn for fn in self.listeners if fn.name == name and any(b.elem_id == into for b in fn.outputs))

    def value(self, block: Any) -> Any:
        """What the page sends for a component: nothing for a state, which the server keeps."""
        if isinstance(block, gr.State):
            return None
        return self.values[block._id]

    def run(self, fn: Any, steps: int = 1) -> list[Any]:
        """What the page gets of a listener: of one that answers in steps, the last of so many."""
        header = {"en": "en-US", "zh": "zh-CN"}[self.language]
        request = gr.Request(headers={"accept-language": header}, query_params={})
        iterator = None
        for _ in range(steps):
            result = asyncio.run(
                self.demo.process_api(
                    fn,
                    [self.value(block) for block in fn.inputs],
                    state=self.state,
                    request=request,
                    iterator=iterator,
                    event_data=EventData(None, EVENT),
                    explicit_call=True,  # the example lies where Gradio put it, not among uploads
                )
            )
            iterator = result["iterator"]
            if not result["is_generating"]:
                break
        data: list[Any] = result["data"]
        return data
