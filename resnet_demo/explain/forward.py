"""One forward pass of images through a network, kept: the output of every block, and the gradients of the logits there.

Each block's graph begins at its own input, so gradients are propagated from block to block, only as far as requested,
and are kept once computed. No hooks are set: nothing has to be undone, and requests can share a network.
"""

from collections import OrderedDict
from threading import Lock

import torch
from torch import Tensor

from resnet_demo.explain.onednn import packed
from resnet_demo.explain.shared_weights import evaluating
from resnet_demo.models.resnet import ResNet

KEPT = 8
"""Directions whose gradients are kept; a stage's gradient at 224 px takes up to 3 MB."""
GRAPH = 6
"""The blocks' outputs with all that their graphs keep, as a multiple of the outputs; 5.9 in ResNet-18, 3.4 in 50."""


class Forward:
    """The forward pass of images x (B, 3, H, W) through `network` in evaluation mode.

    Attributes:
        network: a view of the network for passes without gradients.
        logits: (B, K).
        activations: the output (B, C, h, w) of each block by name, for `since` and all blocks after it.

    `exact`: uses PyTorch's own convolutions, so that gradients can be propagated below the last block. Without it the
    pass is faster, and gradients are available only at the output of the last block.
    """

    def __init__(self, network: ResNet, x: Tensor, since: str | None = None, exact: bool = True) -> None:
        self.network = packed(network)
        self.x = x.contiguous(memory_format=torch.channels_last)
        self.activations: dict[str, Tensor] = {}
        self._inputs: dict[str, Tensor] = {}
        self._outputs: dict[str, Tensor] = {}
        self._gradients: OrderedDict[bytes, dict[str, Tensor]] = OrderedDict()
        self._lock = Lock()
        used = evaluating(network) if exact else self.network
        kept = since is None
        with torch.no_grad():
            a = used.stem(x if exact else self.x)
            for name, block in used.blocks.items():
                kept = kept or name == since
                a = self._keep(name, a) if kept and exact else block(a)
                if kept:
                    self.activations[name] = a.detach()
        with torch.enable_grad():
            self._last = a.detach().requires_grad_()
            self._scores = self.network.head(self._last)
        self.logits = self._scores.detach()

    def _keep(self, name: str, a: Tensor) -> Tensor:
        """Runs one block, with a graph that begins at the block's input."""
        with torch.enable_grad():
            self._inputs[name] = a.detach().requires_grad_()
            self._outputs[name] = self.network.blocks[name](self._inputs[name])
        return self._outputs[name]

    @property
    def most_bytes(self) -> int:
        """The memory that this may come to hold: outputs and their graph, then the gradients of KEPT directions."""
        return (GRAPH + KEPT) * sum(output.nbytes for output in self.activations.values())

    def gradients(self, tap: str, directions: Tensor) -> Tensor:
        """G = d (directions . logits) / dA at block `tap`, (B, C, h, w), for `directions` (B, K)."""
        key = directions.cpu().numpy().tobytes()
        with self._lock:
            known = self._gradients.setdefault(key, {})
            self._gradients.move_to_end(key)
            if len(self._gradients) > KEPT:
                self._gradients.popitem(last=False)
            return self._carry(tap, directions, known)

    def every_gradient(self, tap: str) -> Tensor:
        """The gradients of each logit of one image, (K, C, h, w)."""
        every = torch.eye(self.logits.shape[1], device=self.logits.device)
        with self._lock:
            return torch.cat([self._carry(tap, one[None], {}) for one in every])

    def rest(self, tap: str, a: Tensor) -> Tensor:
        """The logits that result from a feature map `a` (B, C, h, w) at block `tap`."""
        blocks = self.network.blocks
        for block in list(blocks.values())[list(blocks).index(tap) + 1 :]:
            a = block(a)
        return self.network.head(a)

    def _carry(self, tap: str, directions: Tensor, known: dict[str, Tensor]) -> Tensor:
        output, source, gradient = self._scores, self._last, directions
        for name in reversed(self.activations):
            if name not in known:
                (known[name],) = torch.autograd.grad(output, source, gradient, retain_graph=True)
            if name == tap:
                break
            output, source, gradient = self._outputs[name], self._inputs[name], known[name]
        return known[tap]
