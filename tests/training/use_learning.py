"""universal-sentence-encoder-multilingual as torch has it: the same numbers as `vectors.use`, and all weights learn.

What they learned is kept as a low-rank difference (its largest singular values), and the small arrays as they are.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from workflows.language.vectors import files
from workflows.language.vectors.layers import floats
from workflows.language.vectors.use import BRANCHES, NARROW, Use, weights_of

RANK, DROPOUT, PIECES = 32, 0.3, 96
#: What weighs the pieces begins with nothing, and learns so much faster.
WEIGHING, FASTER = ("gw", "gb"), 10


class LearningUse(nn.Module):
    """The encoder; `adapter` is what is kept of it."""

    rate, tau, topics, steps = 1.5e-4, 0.1, 50, 450
    kept = files.USE_ADAPTER

    def __init__(self) -> None:
        super().__init__()
        with (
            files.checked(files.USE_PIECES) as pieces,
            files.checked(files.USE_WEIGHTS) as path,
            np.load(path) as found,
        ):
            self.least = float(found["eps"])
            self.before = {name: floats(value) for name, value in weights_of(found).items()}
            self.use = Use(pieces, found, {})
        learning = {name: nn.Parameter(torch.from_numpy(value.copy())) for name, value in self.before.items()}
        self.w = nn.ParameterDict({name.replace(".", "_"): value for name, value in learning.items()})

    def groups(self) -> list[dict[str, object]]:
        """What learns, and how fast."""
        others = [value for name, value in self.w.items() if name not in WEIGHING]
        weighing = {"params": [self.w[name] for name in WEIGHING], "base": self.rate * FASTER}
        return [{"params": others, "base": self.rate}, weighing]

    def forward(self, texts: list[str]) -> Tensor:
        words, mask = self._words(texts)
        w, e = self.w, functional.dropout(words, DROPOUT, self.training)
        h = self._level(e @ w["projW"] + w["projb"], "lg", "lb")
        branches = [self._branch(n, h[..., n * NARROW : (n + 1) * NARROW], mask) for n in range(len(BRANCHES))]
        f = self._level(torch.cat([e, *branches], -1), "g", "b")
        gate = 2 * torch.sigmoid(f @ w["gw"] + w["gb"]) * mask[..., 0]
        total = gate.sum(1, keepdim=True)
        y = ((f * gate[..., None]).sum(1) @ w["cW"] + total * w["cb"]) / total.clamp(min=1e-3).sqrt()
        y = torch.relu(y @ w["p1"] + torch.relu(y @ w["d0"]) @ w["d1"])
        return functional.normalize(torch.tanh(y @ w["p3"] + torch.relu(y @ w["d2"]) @ w["d3"]), dim=-1)

    def adapter(self) -> dict[str, np.ndarray]:
        """In half precision, as `vectors.use` reads it."""
        made: dict[str, np.ndarray] = {}
        for name, before in self.before.items():
            now = self.w[name.replace(".", "_")].detach()
            if now.ndim == 2 and min(now.shape) > RANK:
                left, size, right = torch.linalg.svd(now - torch.from_numpy(before), full_matrices=False)
                root = size[:RANK].sqrt()
                made |= {f"{name}.A": _half(left[:, :RANK] * root), f"{name}.B": _half(root[:, None] * right[:RANK])}
            else:
                made[name] = _half(now)
        return made

    def _words(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        rows = [self.use.words(text)[:PIECES] for text in texts]
        size = max(map(len, rows))
        words, mask = torch.zeros(len(rows), size, rows[0].shape[1]), torch.zeros(len(rows), size, 1)
        for n, found in enumerate(rows):
            words[n, : len(found)] = torch.from_numpy(found)
            mask[n, : len(found)] = 1
        return words, mask

    def _branch(self, n: int, x: Tensor, mask: Tensor) -> Tensor:
        order, before = BRANCHES[n]
        x = x * mask
        for step in "12":
            beside = functional.pad(x, (0, 0, before, order - 1 - before)).unfold(1, order, 1).transpose(2, 3)
            seen = beside.reshape(*x.shape[:2], order * NARROW) @ self.w[f"w{step}_{n}"] + self.w[f"b{step}_{n}"]
            x = (torch.relu(seen) + x) * mask
        return x

    def _level(self, x: Tensor, scale: str, shift: str) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], self.w[scale], self.w[shift], self.least)


def _half(x: Tensor) -> np.ndarray:
    return x.half().numpy()
