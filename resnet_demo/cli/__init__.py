"""The verbs of `python -m resnet_demo`: one module each, with `run(args) -> exit status`.

A verb's module is imported when the verb is called, so that `--help` loads nothing heavy.
"""
