"""How long an explanation takes beside the forward passes that it rests on, and beside the published libraries.

    python -m pip install -r requirements.txt -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.gradcam

Everything is measured in one run, in turn, round after round. The table gives each line's median time, and the median
of its ratio to its own reference in the same round, so that other work on the machine weighs on both alike.
"""

import argparse
import platform
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from captum.attr import LayerGradCam
from PIL import Image
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.image import show_cam_on_image
from torch import Tensor, nn
from torchcam.methods import GradCAM as TorchCAM

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import Analysis, explain, explain_all
from resnet_demo.models.resnet import build

PAIR = ("resnet18", "plain18")
BATCH = 16
FLOOR = "the pair's forward passes, nothing else"
FIRST = "**the pair's predictions and Grad-CAMs**, from the photograph (`explain`)"
KEPT = "the same, kept for other layers (`Analysis`)"
BARE = f"a batch of {BATCH} through ResNet-18, nothing else"


@dataclass(frozen=True)
class Line:
    """One line of the table. `prepare` is not timed; what it returns is what `work` takes. `goal` is a ratio."""

    name: str
    work: Callable[..., object]
    reference: str = FLOOR
    goal: str = ""
    prepare: Callable[[], object] = lambda: None


class Bench:
    """The networks in two layouts, one photograph, and the lines of the table."""

    def __init__(self, size: int, device: torch.device) -> None:
        self.device = device
        torch.manual_seed(0)
        draw = np.random.default_rng(0)
        coarse = [draw.integers(0, 256, (9, 12, 3), np.uint8) for _ in range(BATCH)]
        self.photographs = [Image.fromarray(one).resize((500, 375), Image.Resampling.BICUBIC) for one in coarse]
        self.plain = [build(name, 10).eval().to(device) for name in PAIR]  # as a user of the libraries has them
        self.ours = [self._classifier(network, size) for network in self.plain]
        self.x = self.ours[0].preprocess(self.photographs[0])
        self.batch = torch.cat([self.ours[0].preprocess(photograph) for photograph in self.photographs])
        self.calls = 0

    def _classifier(self, network: nn.Module, size: int) -> Classifier:
        """As `load` makes it: frozen, channels last."""
        copy = build(network.architecture.name, 10).eval().requires_grad_(False)
        copy.load_state_dict(network.state_dict())
        copy.to(self.device, memory_format=torch.channels_last)
        names = tuple(f"class {i}" for i in range(10))
        return Classifier(copy, names, names, {}, self.device, Preprocessing(size * 8 // 7, size))

    def lines(self) -> list[Line]:
        libraries = {
            "pytorch-grad-cam": [GradCAM(net, [net.layer4[-1]]) for net in self.plain],
            "torch-cam": [TorchCAM(net, "layer4") for net in self.plain],
            "captum (the map alone: it gives no logits)": [LayerGradCam(net, net.layer4) for net in self.plain],
        }
        calls = (self._pytorch_grad_cam, self._torch_cam, self._captum)
        lines = [
            Line(FLOOR, self._floor(self.plain, self.x)),
            Line("the same, channels last", self._floor([one.network for one in self.ours], self.x)),
            Line(FIRST, self._first, goal="at most 1.10", prepare=self._fresh),
            Line(KEPT, self._analysed, goal="at most 1.10", prepare=self._fresh),
        ]
        lines += [Line(name, partial(call, made)) for call, (name, made) in zip(calls, libraries.items(), strict=True)]
        readme = partial(self._readme, libraries["pytorch-grad-cam"])
        lines += [
            Line(
                "pytorch-grad-cam as its README, from the photograph to the overlay",
                readme,
                FIRST,
                "at least 4",
                self._fresh,
            )
        ]
        again = {"reference": KEPT, "prepare": self._prepared}
        lines += [
            Line("another class", partial(self._again, turn=True), goal="at most 0.3", **again),
            Line("another method (LayerCAM)", partial(self._again, method="layercam"), goal="at most 0.3", **again),
            Line(
                "another method (Eigen-Grad-CAM)",
                partial(self._again, method="eigengradcam"),
                goal="at most 0.3",
                **again,
            ),
        ]
        steps = (("layer4", "layer3"), ("layer3", "layer2"), ("layer2", "layer1"), ("layer4", "layer1"))
        for upper, layer in steps:
            prepare = partial(self._prepared, upper)
            lines.append(
                Line(
                    f"another layer: {layer} after {upper}",
                    partial(self._again, layer=layer),
                    KEPT,
                    "at most 0.3",
                    prepare,
                )
            )
        lines += [
            Line("all ten classes instead of one", self._ten, KEPT, "at most 1.3", self._fresh),
            Line(BARE, self._floor(self.plain[:1], self.batch), BARE),
            Line("the same, channels last ", self._floor([self.ours[0].network], self.batch), BARE),
            Line(f"{BATCH} photographs explained (Grad-CAM)", self._sixteen, BARE, "at most 1.11"),
        ]
        return lines

    def _floor(self, networks: list[nn.Module], x: Tensor) -> Callable[[object], object]:
        """Eager; on a GPU as a captured graph."""

        def forward() -> object:
            with torch.no_grad():
                return [network(x) for network in networks]

        if self.device.type != "cuda":
            return lambda _: forward()
        forward()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            forward()
        return lambda _: graph.replay()

    def _fresh(self) -> Image.Image:
        """A photograph that has not been cut yet: the crop of the last one is kept."""
        return self.photographs[0].copy()

    def _first(self, photograph: Image.Image) -> object:
        return [explain(one, photograph) for one in self.ours]

    def _ten(self, photograph: Image.Image) -> object:
        return [Analysis(one, photograph).every_class() for one in self.ours]

    def _sixteen(self, _: object) -> object:
        return explain_all(self.ours[0], self.photographs)

    def _prepared(self, layer: str = "layer4") -> list[Analysis]:
        return self._analysed(self._fresh(), layer)

    def _analysed(self, photograph: Image.Image, layer: str = "layer4") -> list[Analysis]:
        found = [Analysis(one, photograph) for one in self.ours]
        for one in found:
            one.explain(layer=layer)
        return found

    def _again(
        self, analyses: list[Analysis], method: str = "gradcam", layer: str = "layer4", turn: bool = False
    ) -> object:
        self.calls += 1
        return [one.explain(method, layer, self.calls % 10 if turn else None) for one in analyses]

    def _pytorch_grad_cam(self, made: list[GradCAM], _: object) -> object:
        return [(cam(input_tensor=self.x, targets=None)[0], cam.outputs.softmax(1)) for cam in made]

    def _readme(self, made: list[GradCAM], photograph: Image.Image) -> object:
        """The lines of its README: the input is made, the network is explained, the map is laid over the picture."""
        found = []
        for cam, ours in zip(made, self.ours, strict=True):
            crop = ours.preprocessing.crop(photograph)
            grayscale = cam(input_tensor=ours.preprocessing.tensor(crop).to(self.device), targets=None)[0]
            over = show_cam_on_image(np.asarray(crop, np.float32) / 255, grayscale, use_rgb=True)
            found.append((over, cam.outputs.softmax(1)))
        return found

    def _torch_cam(self, made: list[TorchCAM], _: object) -> object:
        found = []
        for cam, network in zip(made, self.plain, strict=True):
            out = network(self.x)
            found.append((cam(out.squeeze(0).argmax().item(), out), out.softmax(1)))
        return found

    def _captum(self, made: list[LayerGradCam], _: object) -> object:
        return [cam.attribute(self.x, target=0, relu_attributions=True) for cam in made]


def measure(lines: list[Line], rounds: int, device: torch.device) -> dict[str, list[float]]:
    """Seconds of each line, round by round; the first rounds, which warm up, are left out."""
    seconds: dict[str, list[float]] = {line.name: [] for line in lines}
    for turn in range(-3, rounds):
        for line in lines:
            given = line.prepare()
            _wait(device)
            started = perf_counter()
            line.work(given)
            _wait(device)
            if turn >= 0:
                seconds[line.name].append(perf_counter() - started)
    return seconds


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def table(lines: list[Line], seconds: dict[str, list[float]]) -> Iterator[str]:
    """Markdown."""
    yield "| what | ms | ratio | to | goal |"
    yield "|---|---|---|---|---|"
    letters = {FLOOR: "A", FIRST: "B", KEPT: "C", BARE: "D"}
    for line in lines:
        ratios = [own / other for own, other in zip(seconds[line.name], seconds[line.reference], strict=True)]
        mark = f"{letters[line.name]}: " if line.name in letters else ""
        median = 1000 * statistics.median(seconds[line.name])
        cells = (mark + line.name.strip(), f"{median:.1f}", f"{statistics.median(ratios):.2f}", letters[line.reference])
        yield f"| {' | '.join(cells)} | {line.goal} |"


def machine(device: torch.device) -> str:
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    else:
        found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        name = (
            f"{found[0].split(':')[1].strip() if found else platform.processor()}, {torch.get_num_threads()} thread(s)"
        )
    packages = ("torch", "grad-cam", "torchcam", "captum")
    return f"{name}; Python {platform.python_version()}, " + ", ".join(f"{one} {version(one)}" for one in packages)


def main() -> None:
    options = argparse.ArgumentParser("python -m tests.benchmarks.gradcam", description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--size", type=int, default=224, help="side of the crop in pixels")
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    device = torch.device(args.device)
    lines = Bench(args.size, device).lines()
    print("\n".join(table(lines, measure(lines, args.rounds, device))))
    print(f"\n{machine(device)}; {args.size} px, float32, medians of {args.rounds} rounds.")


if __name__ == "__main__":
    main()
