"""ResNet, explained: the networks, the maps, the counting and the app that shows them.

Nothing heavy is imported here: `import resnet_demo` loads neither torch nor gradio.
"""

import os

# Before huggingface_hub is imported. The Hub gives every file over plain HTTP, too: a cut download is taken up where it
# broke off, the cache names a file by its SHA-256, and errors are the client's own.
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")

__version__ = "0.1.0"
