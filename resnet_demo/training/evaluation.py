"""Measures a network on images that it was not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import update_bn
from tqdm import tqdm

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.datasets import Pictures
from resnet_demo.data.names import folded
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError
from resnet_demo.models.device import in_parts, within_memory

BATCH = 128


@dataclass(frozen=True)
class Result:
    """Loss in nats and top-1 accuracy as a fraction, over `count` images."""

    loss: float
    accuracy: float
    count: int


def evaluate(network: nn.Module, pictures: Pictures, preprocessing: Preprocessing, device: torch.device) -> Result:
    """Mean cross-entropy and top-1 accuracy in float32. Leaves the network in evaluation mode."""
    logits, labels = answers(network, pictures, preprocessing, device), pictures.labels
    loss = functional.cross_entropy(logits, labels).item()
    return Result(loss, (logits.argmax(1) == labels).double().mean().item(), len(labels))


def answers(network: nn.Module, pictures: Pictures, preprocessing: Preprocessing, device: torch.device) -> Tensor:
    """The logits (N, K) of every picture, in float32 on the CPU. Leaves the network in evaluation mode.

    Raises DemoError where a GPU's memory is too small for one picture.
    """
    network.eval()

    def batch(images: Tensor) -> Tensor:
        x = preprocessing.batch(images.to(device)).contiguous(memory_format=torch.channels_last)
        logits: Tensor = network(x).cpu()
        bar.update(len(images))
        return logits

    with (
        torch.inference_mode(),
        within_memory(device),
        tqdm(total=len(pictures), desc="evaluation", unit="img", leave=False, disable=None) as bar,
    ):
        return torch.cat(list(in_parts(batch, pictures.images, BATCH)))


def columns(classifier: Classifier, classes: Mapping[str, str], dataset: str, weights: str) -> list[int]:
    """The logits of the dataset's classes (id to name), which may be some of those that the network knows.

    A class is known by its id, or by a name that no other class has: the ids of a network may be the names of the
    folders that it was trained on. `weights` says where the network is from. Raises CheckpointError when it does not
    know them all.
    """
    ids, names = list(classifier.class_ids), [folded(name) for name in classifier.classes]
    known = {name: index for index, name in enumerate(names) if names.count(name) == 1}
    found = [ids.index(key) if key in ids else known.get(folded(name)) for key, name in classes.items()]
    asked = [index for index in found if index is not None]
    if len(asked) < len(found):
        raise CheckpointError(
            "evaluate_classes", weights=weights, dataset=dataset, known=", ".join(classifier.classes[:20])
        )
    return asked


def recalibrate(network: nn.Module, train: Pictures, preprocessing: Preprocessing, device: torch.device) -> None:
    """Recomputes BatchNorm's running statistics on training images prepared as they are at test time.

    Random crops at another size have different statistics from whole images (Touvron et al. 2019,
    arXiv 1906.06423). Learnt parameters do not change, nor does a network without BatchNorm.

    Batches mix all classes: a folder lists one class after the other, and the variance within one class is smaller than
    that over all. All batches count equally, so an incomplete last batch is dropped unless it is the only one.
    """
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
    order = order[: max(len(train) // BATCH, 1) * BATCH]
    batches = (
        preprocessing.batch(train.images[indices].to(device)).contiguous(memory_format=torch.channels_last)
        for indices in torch.split(order, BATCH)
    )
    update_bn(batches, network)
