"""The table of contents. Each chapter is a folder: its numbers, its pages, its texts, its drawings.

A chapter's numbers can be imported without Gradio, so this list names the chapters and imports none.
"""

CHAPTERS = ("classify", "gradcam", "blocks", "parameters", "residual", "gradients", "degradation")
