"""The memory that the app may take, and how it is shared out: the bound of every cache is stated here, in bytes.

Of `--max-memory`, PROGRAM is taken by Python, PyTorch, Gradio, the pages and what is computed once for everybody
(example pictures, model cards, the shipped studies, sixteen results of each of two small experiments). SHARES divides
the rest. A share in use is never exceeded by what is kept: what was asked for longest ago makes room. What is being
computed at the moment comes on top.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import wraps
from sys import getsizeof
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image

from resnet_demo.errors import DemoError

MB = 10**6
DEFAULT, LEAST = 3000, 1200
"""Megabytes of `--max-memory`."""
PROGRAM = 1000 * MB
SHARES = {"networks": 0.4, "photographs": 0.3, "measurements": 0.1, "sessions": 0.2}
SESSION = 1_000_000
"""What an open page may come to hold on the server, in bytes: half of it results, the rest changed controls."""
FEWEST = 64
"""Sessions that are kept however little memory there is: a class, and some who come back."""

Function = TypeVar("Function", bound=Callable[..., Any])


class Memory:
    """The bounds in bytes, set once when the app starts."""

    def __init__(self, megabytes: int = DEFAULT) -> None:
        self.limit(megabytes)

    def limit(self, megabytes: int) -> None:
        """Raises DemoError for less than the program itself takes."""
        if megabytes < LEAST:
            raise DemoError("memory_small", megabytes=f"{megabytes:,}", least=f"{LEAST:,}")
        self._free = megabytes * MB - PROGRAM

    def share(self, name: str) -> int:
        """Bytes for the caches of `name`."""
        return int(SHARES[name] * self._free)

    @property
    def sessions(self) -> int:
        """How many sessions are kept."""
        return max(FEWEST, self.share("sessions") // SESSION)


memory = Memory()


def weight(value: Any) -> int:
    """The bytes that `value` holds. Modules count nothing: networks are shared, and kept in a cache of their own."""
    found, left, seen = 0, [value], set()
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, torch.nn.Module):
            continue
        seen.add(id(one))
        if isinstance(one, torch.Tensor):
            found += one.untyped_storage().nbytes()
        elif isinstance(one, np.ndarray):
            found += one.nbytes
        elif isinstance(one, Image.Image):
            found += one.width * one.height * len(one.getbands())
        else:
            found += getsizeof(one)
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            left += one
        elif is_dataclass(one):
            left += [getattr(one, item.name) for item in fields(one)]
    return found


def network_weight(classifier: Any) -> int:
    """A network's bytes, and twice as many for its weights as the processor wants them, forwards and backwards."""
    return 3 * sum(tensor.untyped_storage().nbytes() for tensor in classifier.network.state_dict().values())


class Cache:
    """The values that were asked for last, up to a share of the memory. Threads may share it."""

    def __init__(self, share: str) -> None:
        self.share = share
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()
        self.bytes = 0

    def get(self, key: Hashable, make: Callable[[], Any], weigh: Callable[[Any], int] = weight) -> Any:
        """The value of `key`, made if it is not here; one that is heavier than the whole share is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        value = make()
        size = weigh(value)
        with self._lock:
            self._drop(key)
            self._kept[key] = value, size
            self.bytes += size
            while self.bytes > memory.share(self.share):
                self._drop(next(iter(self._kept)))
        return value

    def forget(self, owner: str) -> None:
        """Drops what the function `owner` returned."""
        with self._lock:
            for key in [key for key in self._kept if isinstance(key, tuple) and key[0] == owner]:
                self._drop(key)

    def forget_made_of(self, name: str) -> None:
        """Drops what was made of something whose name, which nothing else has, stands in the key."""
        with self._lock:
            for key in [key for key in self._kept if name in repr(key)]:
                self._drop(key)

    def _drop(self, key: Hashable) -> None:
        self.bytes -= self._kept.pop(key, (None, 0))[1]


CACHES = {share: Cache(share) for share in SHARES if share != "sessions"}


def kept(share: str, weigh: Callable[[Any], int] = weight) -> Callable[[Function], Function]:
    """What a function of hashable arguments returned is kept in the share; `cache_clear` forgets it, as lru_cache's."""

    def decorate(function: Function) -> Function:
        owner = f"{function.__module__}.{function.__qualname__}"

        @wraps(function)
        def remembered(*args: Hashable) -> Any:
            return CACHES[share].get((owner, *args), lambda: function(*args), weigh)

        remembered.cache_clear = lambda: CACHES[share].forget(owner)  # type: ignore[attr-defined]
        return remembered  # type: ignore[return-value]

    return decorate
