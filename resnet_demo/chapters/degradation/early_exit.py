"""Stop early: what a trained network predicts if its own head reads the feature maps after an earlier block.

The head (in V2 with its last BatchNorm and ReLU) fits wherever the width is its own: after each block of the last
stage. Greff et al. 2017 (arXiv 1612.07771); Jastrzebski et al. 2018 (arXiv 1710.04773), section 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.models.resnet import ResNet, blocks_of


@dataclass(frozen=True)
class Exit:
    """The prediction after one block, and what the block does to its input x.

    Attributes:
        block: such as "layer3.8".
        top: index of the class predicted here, and its `probability`.
        winner: probability, here, of the class that the whole network predicts.
        alignment: cosine between F(x) and the direction in which the head's logit of that class grows fastest, and
        ratio: |F(x)| / |shortcut(x)|. None for plain blocks.
        kept: cosine between a plain block's output and x. None for residual blocks, and where the shape changes.
    """

    block: str
    top: int
    probability: float
    winner: float
    alignment: float | None
    ratio: float | None
    kept: float | None


def last_stage(network: ResNet) -> tuple[str, ...]:
    """The blocks after which the head fits, from input to output."""
    stage = [*network.stages][-1]
    return tuple(name for name in network.blocks if name.startswith(f"{stage}."))


def early_logits(network: ResNet, x: Tensor) -> Tensor:
    """The logits (E, B, K) after each of the E blocks of the last stage; the last row is the network's own."""
    return torch.stack([network.head(after) for _, after in _through(network, x)])


def exits(classifier: Classifier, image: Image.Image) -> tuple[Exit, ...]:
    """One image through the network, stopped after each block of the last stage."""
    network = classifier.network
    with torch.inference_mode():
        through = list(_through(network, classifier.preprocess(image)))
        probabilities = torch.cat([network.head(after) for _, after in through]).softmax(1)  # (E, K)
    winner = int(probabilities[-1].argmax())
    found = []
    for name, (before, after), row in zip(last_stage(network), through, probabilities, strict=True):
        top = int(row.argmax())
        effect = _effect(network, name, before, after, winner)
        found.append(Exit(name, top, float(row[top]), float(row[winner]), *effect))
    return tuple(found)


def _through(network: ResNet, x: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Input and output of each block of the last stage."""
    out = network.stem(x)
    names = last_stage(network)
    for name, block in network.blocks.items():
        before, out = out, block(out)
        if name in names:
            yield before, out


def _effect(
    network: ResNet, name: str, before: Tensor, after: Tensor, winner: int
) -> tuple[float | None, float | None, float | None]:
    """`alignment`, `ratio` and `kept` of one block."""
    block = blocks_of(network)[name]
    if not network.architecture.residual:
        return None, None, _cosine(before, after) if before.shape == after.shape else None
    with torch.inference_mode():
        branch, shortcut = block.residual(before), block.shortcut(before)
    with torch.inference_mode(False), torch.enable_grad():
        here = shortcut.clone().requires_grad_()
        (upward,) = torch.autograd.grad(network.head(here)[0, winner], here)
    return _cosine(branch, upward), float(branch.norm() / shortcut.norm()), None


def _cosine(a: Tensor, b: Tensor) -> float:
    return float(functional.cosine_similarity(a.flatten(), b.flatten(), dim=0))
