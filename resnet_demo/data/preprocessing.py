"""Converts images into network inputs. Training, evaluation and the app all use this module."""

import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Generic, Literal, TypeVar

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import InterpolationMode, functional

from resnet_demo.data.pictures import to_rgb

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
T = TypeVar("T")


@dataclass(frozen=True)
class Preprocessing:
    """Resizes the shorter side to `resize`, crops the centre `size` x `size`, scales to [0, 1] and normalises.

    `resize` and `size` are in pixels; `mean` and `std` refer to RGB in [0, 1]; `interpolation` says how to resize.
    """

    resize: int
    size: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"

    def crop(self, image: Image.Image) -> Image.Image:
        """The (size, size) RGB crop that the network sees of an image in any mode.

        The last one is kept, so that several networks share it. Do not modify the image or the crop.
        """
        return _crops.of(image, self, self._cut)

    def _cut(self, image: Image.Image) -> Image.Image:
        image = to_rgb(image)
        width, height = image.size
        scale = self.resize / min(width, height)
        wanted = (max(self.size, round(width * scale)), max(self.size, round(height * scale)))
        left, top = (wanted[0] - self.size) // 2, (wanted[1] - self.size) // 2
        # The crop's source box is resampled once, so an extreme aspect ratio never produces a huge image.
        box = (
            left * width / wanted[0],
            top * height / wanted[1],
            (left + self.size) * width / wanted[0],
            (top + self.size) * height / wanted[1],
        )
        return image.resize((self.size, self.size), Image.Resampling[self.interpolation.upper()], box=box)

    def normalise(self, images: Tensor) -> Tensor:
        """Converts (B, 3, H, W) uint8 RGB to float32 with zero mean and unit standard deviation over ImageNet."""
        mean = torch.tensor(self.mean, device=images.device).view(1, 3, 1, 1)
        std = torch.tensor(self.std, device=images.device).view(1, 3, 1, 1)
        return (images.float() / 255 - mean) / std

    def tensor(self, crop: Image.Image) -> Tensor:
        """A crop as (1, 3, size, size) float32. The last one is kept, like the crop: do not modify it."""
        return _tensors.of(crop, self, self._tensor)

    @torch.inference_mode(False)  # independent of the caller's mode: a later caller may need gradients
    def _tensor(self, crop: Image.Image) -> Tensor:
        return self.normalise(functional.pil_to_tensor(crop)[None])

    def batch(self, images: Tensor) -> Tensor:
        """Converts (B, 3, H, W) uint8 images to the (B, 3, size, size) float32 input of the network."""
        if min(images.shape[-2:]) != self.resize:
            how = InterpolationMode(self.interpolation)
            images = functional.resize(images, [self.resize], how, antialias=True)
        return self.normalise(functional.center_crop(images, [self.size, self.size]))

    def as_dict(self) -> dict[str, Any]:
        """As a card keeps it: "interpolation" only where it is not bilinear, which older cards do not state."""
        values = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return values if self.interpolation != "bilinear" else {k: v for k, v in values.items() if k != "interpolation"}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Preprocessing":
        how = values.get("interpolation", "bilinear")
        return cls(values["resize"], values["size"], tuple(values["mean"]), tuple(values["std"]), how)


class _Last(Generic[T]):
    """The last result for an image."""

    def __init__(self) -> None:
        self._kept: tuple[Callable[[], Image.Image | None], Preprocessing, T] | None = None

    def of(self, image: Image.Image, how: Preprocessing, make: Callable[[Image.Image], T]) -> T:
        kept = self._kept  # read it once, because threads share it
        if kept is not None and kept[0]() is image and kept[1] == how:
            return kept[2]
        made = make(image)
        self._kept = weakref.ref(image), how, made
        return made


_crops, _tensors = _Last[Image.Image](), _Last[Tensor]()
