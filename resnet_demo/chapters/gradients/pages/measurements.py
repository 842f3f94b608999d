"""What the gradient tab measures: settings as plain words, batches, and pairs of flows, each measured once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Literal

import torch
from PIL import ImageOps
from torch import Tensor

from resnet_demo.chapters.gradients.flow import measure
from resnet_demo.chapters.gradients.gradient_curves import Flow
from resnet_demo.data.examples import examples
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.kit.image_input import opened
from resnet_demo.kit.memory import kept
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.device import choose_device
from resnet_demo.models.initialisation import ACTIVATIONS, INITIALISATIONS, chosen, random_network
from resnet_demo.models.layer_costs import whole
from resnet_demo.models.resnet import ResNet
from resnet_demo.models.twins import DEPTHS, PAIRS, pair

NORMS = ("batch", "none")
VERSIONS = ("v1", "v2")
BATCHES = ("pictures", "noise")
GROWTH = {"cifar": (8, 20, 32, 44, 56, 74, 92, 110), "imagenet": DEPTHS["imagenet"]}
SIDES = {"cifar": 32, "imagenet": 64}
PICTURES = {"cifar": 32, "imagenet": 16}
TRAINED_PICTURES = 16
MOST_SEEDS = 10
BATCH_SEED = 1_000_000  # apart from the weights' seeds: a noise batch must not repeat the first convolution's numbers


@dataclass(frozen=True)
class Setting:
    """What is measured, in the controls' words. "imagenette-18" is a trained pair, "cifar-56" an untrained one."""

    pair: str
    norm: str = "batch"
    initialisation: str = "kaiming"
    activation: str = "relu"
    version: str = "v1"
    batch: str = "pictures"


@dataclass(frozen=True)
class Twins:
    """One seed's flows."""

    seed: int
    residual: Flow
    plain: Flow


@dataclass(frozen=True)
class Measured:
    """A setting with the flows of its seeds; `count` pictures of `side` pixels."""

    setting: Setting
    count: int
    side: int
    twins: tuple[Twins, ...]

    @property
    def trained(self) -> bool:
        return self.setting.pair not in PAIRS


@dataclass(frozen=True)
class Run:
    """What is measured so far: of a pair, or of a `growing` one at each of its depths, the last one in front."""

    depths: tuple[Measured, ...]
    growing: bool = False

    @property
    def current(self) -> Measured:
        return self.depths[-1]


def trained_pairs(networks: Networks) -> dict[str, tuple[str, str]]:
    """The trained ResNets that have their plain twin beside them: "imagenette-18" to both keys."""
    found = {}
    for key in networks.keys:
        name, dataset = key.rsplit("-", 1)
        twin = f"plain{name.removeprefix('resnet')}-{dataset}"
        if name.startswith("resnet") and twin in networks.keys:
            found[f"{dataset}-{name.removeprefix('resnet')}"] = (key, twin)
    return found


def trained_pair(networks: Networks, name: str) -> tuple[str, str] | None:
    """The keys of a trained pair; None for one that is not trained."""
    return trained_pairs(networks.beside(name)).get(name)


def check(networks: Networks, setting: Setting, seeds: object) -> int:
    """The number of seeds. Raises ArchitectureError or CountError for what cannot be measured."""
    chosen("norm", setting.norm, NORMS)
    chosen("initialisation", setting.initialisation, INITIALISATIONS)
    chosen("activation", setting.activation, ACTIVATIONS)
    chosen("version", setting.version, VERSIONS)
    chosen("batch", setting.batch, BATCHES)
    if not trained_pair(networks, setting.pair):
        architectures(setting)
    return whole("seeds", seeds, 1, MOST_SEEDS)


def architectures(setting: Setting) -> tuple[Architecture, Architecture]:
    """The untrained pair of a setting. Raises ArchitectureError."""
    norm: Literal["batch", "none"] = "none" if setting.norm == "none" else "batch"
    return pair(setting.pair, norm, setting.version == "v2", setting.initialisation == "zero_gamma")


def measuring(networks: Networks, setting: Setting, seeds: int) -> Iterator[Step | Run]:
    """The same setting with one seed after the other."""
    for done in range(1, seeds + 1):
        run = Run((measured(networks, setting, done),))
        yield Step(done, seeds)
        yield run


def growing(networks: Networks, setting: Setting) -> Iterator[Step | Run]:
    """The same setting of an untrained pair at the depths of its stem, the shallowest first."""
    stem, _ = PAIRS[setting.pair]
    names = [f"{stem}-{depth}" for depth in GROWTH[stem]]
    depths: tuple[Measured, ...] = ()
    for name in names:
        depths += (measured(networks, replace(setting, pair=name), 1),)
        yield Step(len(depths), len(names))
        yield Run(depths, growing=True)


def measured(networks: Networks, setting: Setting, seeds: int) -> Measured:
    """A setting with its first `seeds` seeds. Raises ArchitectureError or CheckpointError."""
    twins = tuple(twins_of(networks, setting, seed) for seed in range(seeds))
    keys = trained_pair(networks, setting.pair)
    if keys:
        return Measured(setting, TRAINED_PICTURES, networks.get(keys[0]).preprocessing.size, twins)
    stem, _ = PAIRS[setting.pair]
    return Measured(setting, PICTURES[stem], SIDES[stem], twins)


def twins_of(networks: Networks, setting: Setting, seed: int) -> Twins:
    """One seed's flows."""
    keys = trained_pair(networks, setting.pair)
    if keys:
        return Twins(seed, *(trained_flow(networks, key, setting.batch, seed) for key in keys))
    return Twins(seed, *(untrained_flow(networks, setting, seed, plain) for plain in (False, True)))


@kept("measurements")
@accelerated
def untrained_flow(networks: Networks, setting: Setting, seed: int, plain: bool) -> Flow:
    """Of a network that `seed` drew. It depends on nothing else, so it is kept for whoever asks next."""
    architecture = architectures(setting)[plain]
    network = random_network(architecture, setting.initialisation, setting.activation, seed)
    side, count = SIDES[architecture.stem], PICTURES[architecture.stem]
    pictures = batch(setting.batch, count, Preprocessing(side, side), seed)
    labels = torch.randint(0, architecture.num_classes, (count,), generator=_generator(seed))
    return _measured_on(networks.device, network, pictures, labels)


@kept("measurements")
@accelerated
def trained_flow(networks: Networks, key: str, kind: str, seed: int) -> Flow:
    """Of a trained network; each picture's label is the class that it shows, or random where there is none."""
    classifier = networks.get(key)
    labels = torch.randint(0, len(classifier.classes), (TRAINED_PICTURES,), generator=_generator(seed))
    if kind == "pictures":
        for i, example in zip(range(TRAINED_PICTURES), cycle(examples()), strict=False):
            if example.wnid in classifier.class_ids:
                labels[i] = classifier.class_ids.index(example.wnid)
    pictures = batch(kind, TRAINED_PICTURES, classifier.preprocessing, seed)
    return _measured_on(networks.device, classifier.network, pictures, labels)


def _measured_on(device: str, network: ResNet, pictures: Tensor, labels: Tensor) -> Flow:
    where = choose_device(device)
    return measure(network.to(where), pictures.to(where), labels.to(where))


def batch(kind: str, count: int, preprocessing: Preprocessing, seed: int) -> Tensor:
    """(count, 3, size, size): the example pictures, or normal noise drawn by `seed`."""
    if kind == "pictures":
        return _pictures(count, preprocessing)
    size = preprocessing.size
    return torch.randn((count, 3, size, size), generator=_generator(seed))


@kept("measurements")
def _pictures(count: int, preprocessing: Preprocessing) -> Tensor:
    """The examples in turn; from the second round on mirrored in turn and cut closer, so that no two are the same."""
    crops = []
    for i, example in zip(range(count), cycle(examples()), strict=False):
        picture, turn = opened(example.key), i // len(examples())
        closer = replace(preprocessing, resize=round(preprocessing.resize * (1 + 0.2 * turn)))
        crops.append(preprocessing.tensor(closer.crop(ImageOps.mirror(picture) if turn % 2 else picture)))
    return torch.cat(crops)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(BATCH_SEED + seed)
