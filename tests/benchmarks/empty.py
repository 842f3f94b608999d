"""An app with nothing in it, to compare with: `python -m tests.benchmarks.empty --port PORT [--torch]`."""

import sys

if "--torch" in sys.argv:
    import torch
    import torchvision  # noqa: F401

    torch.set_num_threads(torch.get_num_threads())

import gradio as gr


def nothing() -> int:
    return 0


with gr.Blocks(analytics_enabled=False) as demo:
    gr.Markdown("Nothing")
    gr.on([], nothing, None, gr.JSON(), api_name="nothing")

demo.launch(server_port=int(sys.argv[sys.argv.index("--port") + 1]), ssr_mode=False)
