"""Which positions of a map a layer of stride 2 reads at all, and what option D changes. Plain integers, no torch.

A 1x1 convolution of stride 2 reads every second position of every second row: three of four are never read, neither by
the projection of option B nor by option A, which subsamples. Option D averages each 2x2 first and then projects at
stride 1, for the same parameters and multiply-adds (T. He et al. 2018, arXiv 1812.01187, section 4.2, "ResNet-D").
Where the main path begins with a 1x1 of stride 2, as in the ResNet authors' released bottleneck, the block as a whole
does not read those positions; with the stride in the 3x3, as torchvision has it, the main path reads them all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resnet_demo.models.layer_costs import conv_macs, conv_parameters, conv_size, whole

WAYS = {"A": (1, 2, 0), "B": (1, 2, 0), "D": (2, 2, 0), "conv3x3": (3, 2, 1)}
"""The first thing that reads the map, as kernel, stride and padding: subsampling, 1x1, average pool, 3x3."""
POOLED = "D"


@dataclass(frozen=True)
class Way:
    """A way to halve height and width.

    Attributes:
        name: one of `WAYS`.
        reads: by rows, how many windows read each position of the map.
        parameters, macs: of its convolution, without BatchNorm. An average pool only adds.
    """

    name: str
    reads: tuple[tuple[int, ...], ...]
    parameters: int
    macs: int

    @property
    def share(self) -> float:
        """The part of all positions that are read."""
        return _share(self.reads)


@dataclass(frozen=True)
class BlockReads:
    """The part of a block's input positions that its main path reads, its shortcut, and either of them."""

    main: float
    shortcut: float
    together: float


def reads(size: int, kernel: int, stride: int, padding: int = 0) -> tuple[tuple[int, ...], ...]:
    """How many windows read each position of a map of `size` x `size` pixels. Raises CountError."""
    line = [0] * whole("size", size)
    for window in range(conv_size(size, kernel, stride, padding)):
        for place in range(window * stride - padding, window * stride - padding + kernel):
            if 0 <= place < size:
                line[place] += 1
    return tuple(tuple(row * column for column in line) for row in line)


def way(name: str, channels_in: int, channels_out: int, size: int) -> Way:
    """What one of `WAYS` reads and costs. Raises CountError."""
    kernel, stride, padding = WAYS[name]
    read = reads(size, kernel, stride, padding)
    if name == "A":
        return Way(name, read, 0, 0)
    side, learnt = conv_size(size, kernel, stride, padding), 1 if name == POOLED else kernel
    return Way(
        name,
        read,
        conv_parameters(channels_in, channels_out, learnt),
        conv_macs(channels_in, channels_out, learnt, side),
    )


def block_reads(size: int, shortcut: str, stride_in_1x1: bool) -> BlockReads:
    """A bottleneck of stride 2 with the shortcut option `shortcut`, and its stride in the first 1x1 or in the 3x3."""
    main = reads(size, *WAYS["B" if stride_in_1x1 else "conv3x3"])
    beside = reads(size, *WAYS[shortcut])
    together = tuple(tuple(a + b for a, b in zip(*rows, strict=True)) for rows in zip(main, beside, strict=True))
    return BlockReads(_share(main), _share(beside), _share(together))


def subsampled(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is left of a map (H, W) at stride 2: the first of each 2x2."""
    return picture[::2, ::2]


def averaged(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is left of a map (H, W) of even sides after a 2x2 average pool of stride 2."""
    height, width = picture.shape
    found: NDArray[np.float32] = picture.reshape(height // 2, 2, width // 2, 2).mean((1, 3), dtype=np.float32)
    return found


def _share(read: tuple[tuple[int, ...], ...]) -> float:
    return sum(count > 0 for row in read for count in row) / len(read) ** 2
