"""The verbs of `python -m resnet_demo`: one module each, with `run(args) -> exit status`.

A verb's module is imported only when the verb is called, so that `--help` does not load heavy packages.
"""
