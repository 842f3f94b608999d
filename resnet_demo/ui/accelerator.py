"""Hugging Face ZeroGPU lends a GPU to functions that ask for it; elsewhere this does nothing.

Import it before torch: `spaces` has to be first.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

if find_spec("spaces"):
    import spaces

    def accelerated(function: Function) -> Function:
        """Runs `function` in ZeroGPU's process; it must return values that live on the CPU."""
        lent: Function = spaces.GPU(duration=15)(function)
        return lent
else:

    def accelerated(function: Function) -> Function:
        """No ZeroGPU here."""
        return function
