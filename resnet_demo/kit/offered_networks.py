"""The networks that the app offers, loaded once and kept.

Those in weights/, one's own, ImageNet's if cached, and untrained controls.
"""

from dataclasses import dataclass, replace
from threading import Event

import torch

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import Classifier, available, load
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit.display_names import dataset_title, title, without_token
from resnet_demo.kit.memory import kept, network_weight
from resnet_demo.kit.own_networks import OwnNetwork, new_key
from resnet_demo.kit.visitors import MOST, Brought, Visitors
from resnet_demo.models import build

RANDOM = "random"
SEED = 0
answering = Event()
"""Set once a network has answered: from then on, the first question waits for nothing but its own answer."""


@kept("networks", network_weight)
def trained(name: str, weights: str, device: str) -> Classifier:
    """The network `name` with what `load` takes as weights. Safe to share: a network in use is not changed."""
    return _warm(load(name, weights, device))


@kept("networks", network_weight)
def untrained(name: str, weights: str, device: str) -> Classifier:
    """The same network as it was before training: the same classes, weights drawn with seed 0."""
    made = trained(name, weights, device)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(SEED)
        network = build(made.name, len(made.classes), **made.card["options"])
    network.eval().requires_grad_(False).to(made.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return _warm(replace(made, network=network, card={**made.card, "sha256": None, "weights": RANDOM, "seed": SEED}))


def _warm(classifier: Classifier) -> Classifier:
    """The same, after one forward pass: a first one also prepares kernels, which its twin would then find prepared."""
    side = classifier.preprocessing.size
    with torch.inference_mode():
        classifier.network(torch.zeros(1, 3, side, side, device=classifier.device))
    answering.set()
    return classifier


@dataclass(frozen=True)
class Networks:
    """The checkpoints by key, on one device, with networks of one's own between the shipped ones and ImageNet's.

    What is offered is on this machine: nothing waits for a network. What a visitor brought is offered to nobody else,
    and found by its key.
    """

    device: str
    own: tuple[OwnNetwork, ...] = ()
    visitors: Visitors | None = None

    def on(self, device: str) -> "Networks":
        """The same checkpoints on another device."""
        return replace(self, device=device)

    def beside(self, key: str) -> "Networks":
        """What the visitor sees who brought the network `key`; the same for a network that is everybody's."""
        brought = self.visitors.networks(key) if self.visitors else ()
        return replace(self, own=(*self.own, *brought), visitors=None) if brought else self

    def seen_by(self, session: str) -> "Networks":
        """What the visitor of `session` sees."""
        return self.beside(self.visitors.token(session)) if self.visitors else self

    def take(self, session: str, brought: Brought) -> str:
        """Offers a network to the visitor who brought it, until it ends or others take its place. Returns its key.

        Raises CheckpointError for one that cannot be used, which leaves everything as it was.
        """
        assert self.visitors
        token = self.visitors.token(session)
        earlier = self.visitors.networks(token)
        used = {*self.keys, *(one.key.removesuffix(token) for one in earlier)}
        taken = self.visitors.add(token, new_key(brought.card, used), brought)
        try:
            self.get(taken.key)
        except DemoError:
            self.visitors.drop([taken])
            raise
        self.visitors.drop([*earlier, taken][:-MOST])
        return taken.key

    @property
    def keys(self) -> tuple[str, ...]:
        return (
            *(f"{name}-{weights}" for name, weights in available()),
            *(one.key for one in self.own),
            *(f"{name}-imagenet" for name, release in hub.IMAGENET.items() if hub.cached(release)),
        )

    @property
    def controls(self) -> dict[str, str]:
        """Keys such as "resnet18-random", by architecture: each once more, with untrained weights."""
        found: dict[str, str] = {}
        for key in self.keys:
            found.setdefault(key.rsplit("-", 1)[0], _control(key))
        return found

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(label, key) of every trained network, for a control."""
        return [(self.label(key), key) for key in self.keys]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(label, value) of every residual network with a trained plain twin: "resnet18-imagenette" stands for both."""
        keys = self.keys
        found = [key for key in keys if key.startswith("resnet") and twin(key) in keys]
        parts = [key.rsplit("-", 1) for key in found]
        return [
            (f"{title(name)} / {title(twin(name))} · {dataset_title(weights)}", f"{name}-{weights}")
            for name, weights in parts
        ]

    @staticmethod
    def label(key: str) -> str:
        name, weights = key.rsplit("-", 1)
        return f"{title(name)} · {dataset_title(weights)}"

    def source(self, key: str) -> str | None:
        """Where a network of one's own is from, without folders of this machine; None for all others."""
        return next((one.source for one in self.beside(key).own if one.key == key), None)

    def get(self, key: str) -> Classifier:
        """Raises CheckpointError for a key that is not offered, so that no request starts a download."""
        seen = self.beside(key)
        if key in seen.keys:
            return trained(*seen._weights(key), self.device)
        trained_one = next((known for known in seen.keys if _control(known) == key), None)
        if trained_one is None:
            raise CheckpointError("network_missing", wanted=without_token(key), there=", ".join(self.keys))
        return untrained(*seen._weights(trained_one), self.device)

    def _weights(self, key: str) -> tuple[str, str]:
        """The network and the weights of a key such as "resnet18-imagenette", as `load` takes them."""
        name, weights = key.rsplit("-", 1)
        return next(((one.model, one.weights) for one in self.own if one.key == key), (name, weights))


def twin(key: str) -> str:
    """The key of the plain twin of a residual network: "plain18-imagenette" for "resnet18-imagenette"."""
    return f"plain{key.removeprefix('resnet')}"


def is_control(key: str) -> bool:
    return without_token(key).endswith(f"-{RANDOM}")


def _control(key: str) -> str:
    """The key of the same architecture with untrained weights. Of a visitor's network it is the visitor's, too."""
    name, dataset = key.rsplit("-", 1)
    return f"{name}-{RANDOM}{dataset.removeprefix(without_token(dataset))}"
