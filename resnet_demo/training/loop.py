"""The training loop, the same for every dataset, network and device."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torchvision.transforms import v2
from tqdm import tqdm

from resnet_demo.data.datasets import Pictures
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import DemoError
from resnet_demo.models.device import autocast
from resnet_demo.models.resnet import ResNet
from resnet_demo.training import parallel
from resnet_demo.training.evaluation import Result, evaluate, recalibrate
from resnet_demo.training.history import Epoch, finished, kept
from resnet_demo.training.machine import made
from resnet_demo.training.recipe import Recipe
from resnet_demo.training.start import RANDOM, Start, training_mode
from resnet_demo.training.state import State, read_state, write_state

AfterEpoch = Callable[[ResNet, int], None]


class Trainer:
    """Trains one network with one recipe, resumable after every epoch.

    Everything random in epoch e is drawn with a seed made of (recipe.seed, e), so a resumed run
    repeats the uninterrupted one. `state` is the file that it resumes from, `start` describes the origin of the
    network's weights, and `classes` are the class ids. `after_epoch(network, epoch)` is called before the first epoch
    (with 0) and after each one. Under torchrun several processes train it together: see `parallel`.
    """

    def __init__(
        self,
        network: ResNet,
        recipe: Recipe,
        device: torch.device,
        state: Path,
        start: Start = RANDOM,
        classes: Sequence[str] = (),
        after_epoch: AfterEpoch | None = None,
    ) -> None:
        parallel.check(recipe)
        self.network: ResNet = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaging = parallel.averaging(self.network)
        self.average = moving_average(self.network, recipe.ema) if recipe.ema else None
        self.recipe = recipe
        self.device = device
        self.state = state
        self.start = start
        self.classes = tuple(classes)
        self.after_epoch = after_epoch
        self.preprocessing = Preprocessing(recipe.test_size, recipe.test_size)
        self.optimiser = torch.optim.SGD(_groups(network, recipe), 0.0, recipe.momentum, nesterov=recipe.momentum > 0)
        self.history: list[Epoch] = []
        self.best = _copy(network)
        self.made: dict[str, Any] = {}

    def fit(self, train: Pictures, valid: Pictures) -> list[Epoch]:
        """Runs the remaining epochs and leaves the weights of the selected epoch in the network.

        `valid` is measured after every epoch: the held-out part, or the test half if the recipe holds nothing out.
        After training on random crops, BatchNorm is calibrated on whole images.

        Raises DemoError when a batch is larger than the training part, or the loss becomes NaN or infinite.
        """
        if self.recipe.batch_size > len(train):
            raise DemoError("batch_too_large", value=self.recipe.batch_size, count=len(train))
        if not self.history:
            self._tell()
        while not finished(self.history, self.recipe):
            epoch = len(self.history)
            torch.manual_seed(self.recipe.seed * 10_000 + epoch)
            started = time.perf_counter()
            trained = self._one_epoch(epoch, train)
            validated = parallel.from_first(partial(evaluate, self._result, valid, self.preprocessing, self.device))
            row = Epoch(
                epoch + 1,
                self.recipe.rate(epoch),
                self.recipe.size_at(epoch),
                trained.loss,
                trained.accuracy,
                validated.loss,
                validated.accuracy,
                time.perf_counter() - started,
            )
            self.add(row)
            self.made = made(self.device)
            self._tell()
            if parallel.is_first():
                self._save()
            tqdm.write(
                f"{self.network.architecture.name}  epoch {row.epoch}/{self.recipe.epochs}  loss {row.train_loss:.3f}"
                f"  training {row.train_accuracy:.2%}  {self.recipe.watched} {row.valid_accuracy:.2%}"
                f"  {row.seconds:.0f} s",
                file=sys.stderr,
            )
        self.network.load_state_dict(self.best)
        if self.recipe.augmentation == "resized-crop" and not self.start.frozen:
            recalibrate(self.network, train, self.preprocessing, self.device)
        return self.history

    def _tell(self) -> None:
        if self.after_epoch and parallel.is_first():
            self.after_epoch(self._result, len(self.history))

    def add(self, row: Epoch) -> None:
        """Appends an epoch to the history; where it is the one to keep, its weights become `best`."""
        self.history.append(row)
        if kept(self.history, self.recipe) is row:
            self.best = _copy(self._result)

    def resume(self) -> None:
        """Resumes the run in `state`.

        Raises CheckpointError when it is damaged or belongs to another network, recipe or dataset.
        """
        state = read_state(self.state, self._identity())
        self.history = state.history
        self.best = state.best
        self.made = state.made
        self.network.load_state_dict(state.network)
        if self.average:
            self.average.load_state_dict(state.average)
        parameters = dict(self.network.named_parameters())
        for name, momentum in state.momentum.items():
            # In its parameter's memory layout, so that sums are computed in the same order.
            self.optimiser.state[parameters[name]]["momentum_buffer"] = torch.empty_like(
                parameters[name], requires_grad=False
            ).copy_(momentum)

    @property
    def _result(self) -> ResNet:
        """What is measured and kept: the network, or the moving average of its weights."""
        return cast(ResNet, self.average.module) if self.average else self.network

    def steps(self, epoch: int, train: Pictures) -> Iterator[Result]:
        """One pass over the training images, batch by batch: the loss and accuracy of each batch before its step.

        A batch here is the whole batch, even if several processes train on parts of it.

        Raises DemoError when the loss becomes NaN or infinite.
        """
        training_mode(self.network)
        count = len(train) // self.recipe.batch_size
        for step, (images, labels) in enumerate(self._batches(train, epoch, count)):
            try:
                loss, logits = self._step(self.recipe.rate(epoch + step / count), images, labels)
            except torch.OutOfMemoryError as error:
                raise DemoError("training_memory", device=self.device, value=self.recipe.batch_size) from error
            main = labels if labels.ndim == 1 else labels.argmax(1)  # for a mixed image, the class of the larger part
            right = (logits.argmax(1) == main).float().mean().item()
            loss, right = parallel.mean((loss, right), self.device)
            if not math.isfinite(loss):
                raise DemoError("training_diverged", epoch=epoch + 1, rate=self.recipe.learning_rate)
            yield Result(loss, right, self.recipe.batch_size)

    def _one_epoch(self, epoch: int, train: Pictures) -> Result:
        loss_sum = correct = 0.0
        seen = 0
        name = f"{self.network.architecture.name} {epoch + 1}/{self.recipe.epochs} at {self.recipe.size_at(epoch)} px"
        total = len(train) // self.recipe.batch_size * self.recipe.batch_size
        with tqdm(total=total, desc=name, unit="img", leave=False, disable=None) as bar:
            for result in self.steps(epoch, train):
                loss_sum += result.loss * result.count
                correct += result.accuracy * result.count
                seen += result.count
                bar.update(result.count)
                bar.set_postfix(loss=f"{loss_sum / seen:.3f}", refresh=False)
        return Result(loss_sum / seen, correct / seen, seen)

    def _step(self, rate: float, images: Tensor, labels: Tensor) -> tuple[float, Tensor]:
        """One SGD step on a batch; returns its loss and its logits (B, K)."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with autocast(self.device):
            logits = self.averaging(images)
            loss = functional.cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        if self.average:
            self.average.update_parameters(self.network)
        return loss.item(), logits

    def _batches(self, train: Pictures, epoch: int, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Images (B, 3, size, size) with labels (B,), or (B, K) probabilities of a mixed batch."""
        cropped = replace(self.recipe, crop_scale=self.recipe.crop_scale_at(epoch))
        augment = augmentation(cropped, self.recipe.size_at(epoch))
        mix = mixing(self.recipe, len(train.classes)) if self.recipe.mixes_at(epoch) else None
        order = torch.randperm(len(train))[: steps * self.recipe.batch_size]
        for indices in torch.split(order, self.recipe.batch_size):
            own = parallel.own_part(len(indices))
            images = []
            for position, index in enumerate(indices):
                if position in own:
                    images.append(augment(train.images[index]))
                else:
                    draw_only(augment, train.images[index])
            x = self.preprocessing.normalise(torch.stack(images).to(self.device))
            labels = train.labels[indices[own.start : own.stop]].to(self.device)
            if mix and torch.rand(()) < 0.5:
                x, labels = mix(x, labels)
            yield x.contiguous(memory_format=torch.channels_last), labels

    def _identity(self) -> str:
        start = self.start.lines(self.network.architecture.name)
        what = [asdict(self.network.architecture), self.recipe.as_dict(), self.classes]
        return json.dumps([*what, start] if start else what)

    def _save(self) -> None:
        kept = {name: self.optimiser.state[parameter] for name, parameter in self.network.named_parameters()}
        momentum = {name: values["momentum_buffer"] for name, values in kept.items() if "momentum_buffer" in values}
        average = self.average.state_dict() if self.average else {}
        state = State(self.network.state_dict(), self.best, momentum, self.history, self.made, average)
        write_state(self.state, self._identity(), state)


def augmentation(recipe: Recipe, size: int) -> v2.Compose:
    """The random augmentation of a training image, from (3, side, side) uint8 to (3, size, size) uint8."""
    if recipe.augmentation == "none":
        return v2.Compose([v2.Resize(size, antialias=True), v2.RandomHorizontalFlip(0.0)])
    if recipe.augmentation == "pad-crop":
        cut: v2.Transform = v2.RandomCrop(size, padding=4)
    else:
        cut = v2.RandomResizedCrop(size, scale=(recipe.crop_scale, 1.0), antialias=True)
    return v2.Compose([cut, v2.RandomHorizontalFlip()])


def mixing(recipe: Recipe, classes: int) -> v2.Transform:
    """What mixes a batch with itself, images and labels. Under torchrun each process mixes its own part."""
    if recipe.mixing == "cutmix":
        return v2.CutMix(alpha=1.0, num_classes=classes)
    return v2.MixUp(alpha=0.2, num_classes=classes)


def moving_average(network: ResNet, decay: float) -> AveragedModel:
    """A copy of the network that follows it step by step, BatchNorm's running statistics included."""
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def draw_only(augment: v2.Compose, image: Tensor) -> None:
    """Draws the random numbers that `augment` would draw for `image`, which another process trains on."""
    cut, _ = augment.transforms
    cut.make_params([image])
    torch.rand(1)  # whether to flip


def _groups(network: nn.Module, recipe: Recipe) -> list[dict[str, object]]:
    """Weight decay for convolutions and the linear layer; none for BatchNorm and biases."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    spared = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": spared, "weight_decay": 0.0}]


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in network.state_dict().items()}
