"""What the modules of this library share: the type of a map, and progress."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
Progress = Callable[[int, int], object]
"""Called with (done, total) between batches; an exception it raises ends the run."""


def portion(progress: Progress | None, index: int, count: int) -> Progress | None:
    """Reports the progress of one of `count` equal parts as progress of the whole."""
    return progress and (lambda done, total: progress(index * total + done, count * total))
