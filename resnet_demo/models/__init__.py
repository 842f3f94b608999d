"""The networks: named, built, loaded.

Start with `ARCHITECTURES`, `build` and `load`; `push` uploads a network to the Hub.
Torch is imported only when a network is requested.
"""

from typing import TYPE_CHECKING, Any

from resnet_demo.models.architectures import ARCHITECTURES

if TYPE_CHECKING:
    from resnet_demo.checkpoints.load import Classifier, load
    from resnet_demo.checkpoints.push import push
    from resnet_demo.models.resnet import ResNet, build

__all__ = ["ARCHITECTURES", "Classifier", "ResNet", "build", "load", "push"]


def __getattr__(name: str) -> Any:
    if name in ("Classifier", "load"):
        from resnet_demo.checkpoints import load as checkpoints

        return getattr(checkpoints, name)
    if name in ("ResNet", "build"):
        from resnet_demo.models import resnet

        return getattr(resnet, name)
    if name == "push":
        from resnet_demo.checkpoints import push as sharing

        return sharing.push
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
