"""ResNet, explained: the networks, the maps, the counting and the app that shows them.

Nothing heavy is imported here: `import resnet_demo` loads neither torch nor gradio.
"""

from resnet_demo.environment import prepare_imports

prepare_imports()

__version__ = "0.1.0"
