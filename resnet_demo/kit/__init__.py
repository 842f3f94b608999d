"""The Gradio app. `shell.py` is its table of contents."""
