"""multilingual-e5-small as torch has it: the same numbers as `vectors.e5`, with a low-rank adapter that learns.

https://arxiv.org/abs/2106.09685 (low-rank adaptation): the weights stay, and B·A is added to each matrix.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from workflows.language.vectors import files
from workflows.language.vectors.e5 import QUERY
from workflows.language.vectors.e5_file import E5File, plain
from workflows.language.vectors.unigram import Unigram

RANK, DROPOUT, PIECES = 16, 0.1, 72
#: The matrices of a layer, by whether they go out into the wide inner part, or come from there.
SAME, OUT, IN = ("q", "k", "v", "ao"), "fi", "fo"


class Low(nn.Module):
    """A matrix that stays, and a low-rank one that learns."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("weights", torch.from_numpy(np.ascontiguousarray(weights)))
        self.register_buffer("bias", torch.from_numpy(bias.copy()))
        out, into = weights.shape
        self.a, self.b = nn.Parameter(torch.randn(RANK, into) / into**0.5), nn.Parameter(torch.zeros(out, RANK))

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weights + self.b @ self.a, self.bias)


class Level(nn.Module):
    """Layer normalization that learns."""

    def __init__(self, file: E5File, name: str) -> None:
        super().__init__()
        self.least = file.least
        self.w, self.b = (nn.Parameter(torch.from_numpy(file.floats(f"{name}.{part}", file.width))) for part in "wb")

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, self.w.shape, self.w, self.b, self.least)


class Layer(nn.Module):
    """One layer of the transformer."""

    def __init__(self, file: E5File, n: int) -> None:
        super().__init__()
        self.heads, width, inner = file.heads, file.width, file.inner
        shapes = {**dict.fromkeys(SAME, (width, width)), OUT: (inner, width), IN: (width, inner)}
        self.low = nn.ModuleDict(
            {
                name: Low(file.matrix(f"l{n}.{name}.w", *shape), file.floats(f"l{n}.{name}.b", shape[0]))
                for name, shape in shapes.items()
            }
        )
        self.level = nn.ModuleDict({name: Level(file, f"l{n}.{name}") for name in ("aln", "oln")})

    def forward(self, x: Tensor, look: Tensor) -> Tensor:
        rows, size, width = x.shape
        q, k, v = (self.low[name](x).view(rows, size, self.heads, -1).transpose(1, 2) for name in "qkv")
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=look, dropout_p=self._dropout)
        x = self.level["aln"](x + self._drop(self.low["ao"](seen.transpose(1, 2).reshape(rows, size, width))))
        return self.level["oln"](x + self._drop(self.low["fo"](functional.gelu(self.low["fi"](x)))))

    @property
    def _dropout(self) -> float:
        return DROPOUT if self.training else 0.0

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)


class LearningE5(nn.Module):
    """The encoder; `adapter` is what is kept of it."""

    rate, tau, topics, steps = 4e-4, 0.03, 40, 320
    kept = files.E5_ADAPTER

    def __init__(self) -> None:
        super().__init__()
        with files.checked(files.E5) as path:
            self.file = file = E5File(path)
        self.unigram = Unigram(file.vocabulary)
        self.words = file.blocks("emb.word", file.rows, file.width)
        self.places = file.floats("emb.pos", file.most, file.width) + file.floats("emb.type", file.kinds, file.width)[0]
        self.first = [torch.from_numpy(file.floats(f"emb.ln.{part}", file.width)) for part in "wb"]
        self.layers = nn.ModuleList(Layer(file, n) for n in range(file.layers))

    def groups(self) -> list[dict[str, object]]:
        """What learns, and how fast."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "base": self.rate}]

    def forward(self, texts: list[str]) -> Tensor:
        pieces = [self.unigram.pieces(QUERY + text)[:PIECES] for text in texts]
        size = max(map(len, pieces))
        x = torch.zeros(len(texts), size, self.file.width)
        mask = torch.zeros(len(texts), size, dtype=torch.bool)
        for n, found in enumerate(pieces):
            begun = torch.from_numpy(plain(self.words[found]) + self.places[: len(found)])
            x[n, : len(found)] = functional.layer_norm(begun, (self.file.width,), *self.first, self.file.least)
            mask[n, : len(found)] = True
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        return functional.normalize((x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=-1)

    def adapter(self) -> dict[str, np.ndarray]:
        """In half precision, as `vectors.e5` reads it."""
        made: dict[str, np.ndarray] = {}
        for n, layer in enumerate(self.layers):
            for name, low in layer.low.items():
                made |= {f"{n}.{name}.A": _half(low.a), f"{n}.{name}.B": _half(low.b)}
            for name, level in layer.level.items():
                made |= {f"{n}.{name}.w": _half(level.w), f"{n}.{name}.b": _half(level.b)}
        return made


def _half(x: Tensor) -> np.ndarray:
    return x.detach().half().numpy()
