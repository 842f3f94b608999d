"""`early_exit`: accuracy after each block of the last stage, on a whole test half, resumable network by network."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from resnet_demo.chapters.degradation.early_exit import early_logits
from resnet_demo.checkpoints.load import Classifier, load
from resnet_demo.cli.output import emit
from resnet_demo.cli.resumable import Entry, Kinds, measure_all
from resnet_demo.data.datasets import Pictures, find_classes, read
from resnet_demo.models.resnet import ResNet
from resnet_demo.training.evaluation import answers, columns

KINDS: Kinds = {"count": int, "accuracy": list}


class EarlyLogits(nn.Module):
    """A network whose output (B, E, K) are the logits after each block of its last stage."""

    def __init__(self, network: ResNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return early_logits(self.network, x).movedim(0, 1)


def run(args: Namespace) -> int:
    """Measures the networks that the file lacks, or has over another number of images."""
    dataset = args.dataset
    classes = find_classes(dataset, args.data_dir, ("test",))
    classifiers = {f"{name}-{dataset}": load(name, dataset, args.device) for name in args.model}
    asked = {key: columns(classifier, classes, dataset, dataset) for key, classifier in classifiers.items()}
    test = read(dataset, args.data_dir, "test")

    def once(classifier: Classifier, before: Entry | None) -> Iterator[Entry]:
        if before is None or before["count"] != len(test):
            yield measure(classifier, asked[f"{classifier.name}-{dataset}"], test)

    result = measure_all(args, classifiers, {}, KINDS, once)
    emit(args.json, result, table(result))
    return 0


def measure(classifier: Classifier, asked: list[int], test: Pictures) -> Entry:
    """Top-1 accuracies (fractions); `asked` are the logit indices of the dataset's classes."""
    logits = answers(EarlyLogits(classifier.network), test, classifier.preprocessing, classifier.device)  # (N, E, K)
    right = logits[:, :, asked].argmax(2) == test.labels[:, None]
    return {"count": len(test), "accuracy": [round(one, 6) for one in right.double().mean(0).tolist()]}


def table(result: dict[str, Any]) -> str:
    """Accuracies in percent after each block of the last stage."""
    return "\n".join(
        f"{name} ({found['count']:,} images): {', '.join(f'{100 * one:.1f}' for one in found['accuracy'])}%"
        for name, found in result["networks"].items()
    )
