"""A GPU for machines without one: its tensors are computed on the CPU, and fail as a GPU's do.

It shows where tensors are. It refuses operations on two devices, a generator of another device, and reading a value
without a copy (`numpy`). Results are the CPU's, so they can be compared. What precision, cuDNN, streams and a real
allocator do, it does not show.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map

aten = torch.ops.aten
NAME = "Stand-in GPU"
FACTORIES = [
    "tensor",
    "as_tensor",
    "asarray",
    "empty",
    "empty_strided",
    "zeros",
    "ones",
    "full",
    "eye",
    "arange",
    "linspace",
    "logspace",
    "rand",
    "randn",
    "randint",
    "randperm",
    "normal",
    "tril_indices",
    "triu_indices",
]
INDEXING = (aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default)
"""Operations whose indices may be on the CPU."""


class Gpu:
    """A GPU that is there at the moment.

    Attributes:
        kind: "cuda", or "mps", which has no float64.
        capability: of a CUDA device; from (8, 0) on it has bf16.
        largest: bytes; a larger tensor does not fit.
        operations: how many ran on it.
    """

    def __init__(self, kind: str, capability: tuple[int, int], largest: float) -> None:
        self.kind, self.capability, self.largest = kind, capability, largest
        self.device = torch.device(kind, 0)
        self.operations = 0

    def is_named(self, device: Any) -> bool:
        return device is not None and torch.device(device).type == self.kind


class OnGpu(Tensor):
    """A tensor on the stand-in. `held` has its values; C++ sees a CPU tensor without storage."""

    held: Tensor
    gpu: Gpu
    device = property(lambda self: self.gpu.device)  # type: ignore[assignment]
    is_cpu = property(lambda self: False)  # type: ignore[assignment]
    is_cuda = property(lambda self: self.gpu.kind == "cuda")  # type: ignore[assignment]
    is_mps = property(lambda self: self.gpu.kind == "mps")  # type: ignore[assignment]
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, held: Tensor, gpu: Gpu) -> "OnGpu":
        if gpu.kind == "mps" and held.dtype == torch.float64:
            raise TypeError(
                "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64."
            )
        if held.nbytes > gpu.largest:
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {held.nbytes} bytes.")
        made = Tensor._make_wrapper_subclass(
            cls, held.size(), strides=held.stride(), storage_offset=held.storage_offset(), dtype=held.dtype
        )
        made.held, made.gpu = held, gpu
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"OnGpu({self.held}, device={self.gpu.device})"

    def __tensor_flatten__(self) -> tuple[list[str], Gpu]:
        """Makes `Module.to` keep the identity of each parameter, as it does on a GPU."""
        return ["held"], self.gpu

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, Tensor], gpu: Gpu, size: object, stride: object) -> "OnGpu":
        return OnGpu(inner["held"], gpu)

    def numpy(self, *, force: bool = False) -> Any:
        if force:
            return self.detach().cpu().numpy()
        raise TypeError(
            f"can't convert {self.gpu.device} device type tensor to numpy. "
            "Use Tensor.cpu() to copy the tensor to host memory first."
        )

    def __array__(self, *_: Any) -> Any:
        return self.numpy()

    def tolist(self) -> Any:
        return self.held.tolist()

    def data_ptr(self) -> int:
        return self.held.data_ptr()

    def untyped_storage(self) -> Any:
        """Compared by those who ask which tensors share memory."""
        return self.held.untyped_storage()

    def __deepcopy__(self, memo: dict[int, Any]) -> "OnGpu":
        made = memo[id(self)] = OnGpu(self.held.clone(), self.gpu).requires_grad_(self.requires_grad)
        if isinstance(self, torch.nn.Parameter):
            made._is_param = True
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        gpu = next(leaf.gpu for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, OnGpu))
        gpu.operations += 1
        if func is aten.copy_.default:
            _held(args[0]).copy_(_held(args[1]))
            return args[0]
        if func is aten._has_compatible_shallow_copy_type.default:
            return False  # `Module.to` asks whether it may put a tensor of the other side into the same parameter
        _refuse(func, args, kwargs, gpu)
        inside = {**tree_map(_held, kwargs), **({"device": "cpu"} if kwargs.get("device") else {})}
        found = tree_map(lambda leaf: _on(leaf, gpu), func(*tree_map(_held, args), **inside))
        return return_and_correct_aliasing(func, args, kwargs, found)


class _Move(torch.autograd.Function):
    """A copy on the other side; its gradient goes back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gpu: Gpu | None) -> Any:
        ctx.home = x.gpu if isinstance(x, OnGpu) else None
        return _on(_held(x).clone(), gpu) if gpu else _held(x).clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return _on(_held(gradients[0]), ctx.home) if ctx.home else _held(gradients[0]), None


def _held(leaf: Any) -> Any:
    return leaf.held if isinstance(leaf, OnGpu) else leaf


def _on(leaf: Any, gpu: Gpu) -> Any:
    return OnGpu(leaf, gpu) if isinstance(leaf, Tensor) else leaf


def _refuse(func: Any, args: Any, kwargs: Any, gpu: Gpu) -> None:
    """Raises as torch does for tensors on two devices, and for a generator of another device."""
    strangers = []
    for leaf in tree_leaves((args, kwargs)):
        if isinstance(leaf, torch.Generator):
            _check_generator(leaf, gpu)
        if isinstance(leaf, Tensor) and not isinstance(leaf, OnGpu):
            strangers.append(leaf)
    if func in INDEXING and isinstance(args[0], OnGpu):
        strangers = [leaf for leaf in tree_leaves(args[2:]) if isinstance(leaf, Tensor) and not isinstance(leaf, OnGpu)]
    numbers = torch.Tag.pointwise in func.tags or func in INDEXING
    if any(not numbers or stranger.ndim for stranger in strangers):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {gpu.device} and cpu! "
            f"(when checking arguments for {func})"
        )


def _check_generator(generator: torch.Generator | None, gpu: Gpu) -> None:
    if generator is not None and generator.device.type != gpu.kind:
        raise RuntimeError(f"Expected a '{gpu.kind}' device type for generator but found '{generator.device.type}'")


@contextmanager
def standing_in(
    kind: str = "cuda", capability: tuple[int, int] = (8, 0), largest: float = float("inf")
) -> Iterator[Gpu]:
    """A machine with one such GPU until the block ends."""
    gpu = Gpu(kind, capability, largest)

    def factory(name: str) -> Callable[..., Tensor]:
        original = getattr(torch, name)

        def make(*args: Any, device: Any = None, **kwargs: Any) -> Tensor:
            if not gpu.is_named(device):
                return original(*args, **kwargs, **({} if device is None else {"device": device}))
            _check_generator(kwargs.get("generator"), gpu)
            made: Tensor = original(*args, **kwargs)
            return made if isinstance(made, OnGpu) else _Move.apply(made, gpu)

        return make

    def to(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if args and isinstance(args[0], Tensor):
            args = (args[0].device, args[0].dtype, *args[1:])
        names = ("dtype", "non_blocking", "copy")
        kwargs |= zip(names if args and isinstance(args[0], torch.dtype) else ("device", *names), args, strict=False)
        kwargs = {name: value for name, value in kwargs.items() if value is not None}
        home, target = isinstance(self, OnGpu), kwargs.get("device")
        away = home if target is None else gpu.is_named(target)
        if home or away:
            kwargs.pop("device", None)
        changed: Tensor = move(self, **kwargs) if kwargs else self
        return changed if home == away else _Move.apply(changed, gpu if away else None)

    def autocast(device_type: str, *args: Any, **kwargs: Any) -> Any:
        return precise("cpu" if device_type == kind else device_type, *args, **kwargs)

    def grad(outputs: Any, inputs: Any, grad_outputs: Any = None, *args: Any, **kwargs: Any) -> Any:
        for output, direction in zip(tree_leaves(outputs), tree_leaves(grad_outputs), strict=False):
            if direction is not None and output.device != direction.device:
                raise RuntimeError(f"expected a gradient on device {output.device} but got {direction.device}")
        found = derive(outputs, inputs, grad_outputs, *args, **kwargs)
        leaves = tree_leaves(inputs)  # a batch of slices' gradients comes as zeros made in C++, which sees a CPU here
        return tuple(
            _on(one, gpu) if isinstance(leaf, OnGpu) and not isinstance(one, OnGpu) else one
            for leaf, one in zip(leaves, found, strict=True)
        )

    move, precise, derive = Tensor.to, torch.autocast, torch.autograd.grad
    with pytest.MonkeyPatch.context() as patch:
        for name in FACTORIES:
            patch.setattr(torch, name, factory(name))
        patch.setattr(Tensor, "to", to)
        patch.setattr(Tensor, "cpu", lambda self, *_, **__: self.to("cpu"))
        patch.setattr(Tensor, "cuda", lambda self, *_, **__: self.to("cuda"))
        patch.setattr(torch, "autocast", autocast)
        patch.setattr(torch.autograd, "grad", grad)
        patch.setattr(torch.cuda, "is_available", lambda: kind == "cuda")
        patch.setattr(torch.cuda, "device_count", lambda: int(kind == "cuda"))
        patch.setattr(torch.cuda, "get_device_capability", lambda _=None: capability)
        patch.setattr(torch.cuda, "get_device_name", lambda _=None: NAME)
        patch.setattr(torch.cuda, "is_current_stream_capturing", lambda: False)  # asked by optimisers of the CPU, too
        patch.setattr(torch.backends.mps, "is_available", lambda: kind == "mps")
        yield gpu
