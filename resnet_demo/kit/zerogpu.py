"""Hugging Face ZeroGPU lends a GPU to functions that ask for it; elsewhere this does nothing.

Import it before torch: `spaces` has to be first.
"""

from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from inspect import isgeneratorfunction
from typing import Any, TypeVar

from resnet_demo.errors import DemoError

Function = TypeVar("Function", bound=Callable[..., Any])

if find_spec("spaces"):
    import spaces

    _lent: Callable[[Function], Function] = spaces.GPU(duration=15)

    def accelerated(function: Function) -> Function:
        """Runs `function` in ZeroGPU's process; it must return values that live on the CPU.

        A DemoError comes back as a value and is raised here: of what is raised there, only gr.Error keeps its words.
        Generators say what went wrong in their last step.
        """
        if isgeneratorfunction(function):
            return _lent(function)

        @_lent
        @wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except DemoError as error:
                return error

        @wraps(function)
        def asked(*args: Any, **kwargs: Any) -> Any:
            found = guarded(*args, **kwargs)
            if isinstance(found, DemoError):
                raise found
            return found

        return asked  # type: ignore[return-value]
else:

    def accelerated(function: Function) -> Function:
        """No ZeroGPU here."""
        return function
