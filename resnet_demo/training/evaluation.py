"""How good a network is on pictures that it was not trained on."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import update_bn
from tqdm import tqdm

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.datasets import Pictures
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError

BATCH = 128


@dataclass(frozen=True)
class Result:
    """Loss in nats and top-1 accuracy as a fraction, over `count` pictures."""

    loss: float
    accuracy: float
    count: int


def evaluate(network: nn.Module, pictures: Pictures, preprocessing: Preprocessing, device: torch.device) -> Result:
    """Mean cross-entropy and top-1 accuracy in float32. Leaves the network in evaluation mode."""
    logits, labels = answers(network, pictures, preprocessing, device), pictures.labels
    loss = functional.cross_entropy(logits, labels).item()
    return Result(loss, (logits.argmax(1) == labels).double().mean().item(), len(labels))


def answers(network: nn.Module, pictures: Pictures, preprocessing: Preprocessing, device: torch.device) -> Tensor:
    """The logits (N, K) of every picture, in float32 on the CPU. Leaves the network in evaluation mode."""
    network.eval()
    found = []
    with (
        torch.inference_mode(),
        tqdm(total=len(pictures), desc="evaluation", unit="img", leave=False, disable=None) as bar,
    ):
        for images in torch.split(pictures.images, BATCH):
            x = preprocessing.batch(images.to(device)).contiguous(memory_format=torch.channels_last)
            found.append(network(x).cpu())
            bar.update(len(images))
    return torch.cat(found)


def columns(classifier: Classifier, classes: Iterable[str], dataset: str, weights: str) -> list[int]:
    """The logits of the dataset's classes, which may be some of those that the network knows.

    `weights` says where the network is from. Raises CheckpointError when it does not know them all.
    """
    wanted = list(classes)
    if not set(wanted) <= set(classifier.class_ids):
        raise CheckpointError(
            "evaluate_classes", weights=weights, dataset=dataset, known=", ".join(classifier.classes[:20])
        )
    return [classifier.index_of(key) for key in wanted]


def recalibrate(network: nn.Module, train: Pictures, preprocessing: Preprocessing, device: torch.device) -> None:
    """Measures BatchNorm's running statistics anew, on the training pictures as the network will be shown pictures.

    Random crops at another size give statistics that whole pictures do not have (Touvron et al. 2019,
    arXiv 1906.06423). Learnt parameters stay as they are; a network without BatchNorm stays as it is.

    Batches are drawn from all classes: a folder holds them class after class, and the variance within one class is less
    than that of all. Each counts alike, so pictures left over at the end are left out, unless there are no others.
    """
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
    order = order[: max(len(train) // BATCH, 1) * BATCH]
    batches = (
        preprocessing.batch(train.images[indices].to(device)).contiguous(memory_format=torch.channels_last)
        for indices in torch.split(order, BATCH)
    )
    update_bn(batches, network)
