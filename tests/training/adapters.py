"""Fits an adapter: `python -m tests.training.adapters use` or `e5`, some minutes on two cores, then `… seal`.

Needs torch, which nothing else here does: pip install torch, in an environment of its own.

Contrastive: of two wordings of one topic each has to find the other among all others of the batch. A batch is made of
runs of neighbouring topics, and of singles that resemble some of them. Nothing in `tests/corpora` is ever read here.

The published adapters: e5 is one run (seed 1, 320 steps), of before `services.json` and the seven files of the second
lot (bodies, homes, leisure, money, tools, travel, works); USE is the mean of four (seeds 11 to 14, 450 steps): `mean`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.training import texts
from tests.training.e5_learning import LearningE5
from tests.training.texts import Topic, roughened
from tests.training.use_learning import LearningUse
from workflows.language.vectors.files import DATA

MODELS = {"e5": LearningE5, "use": LearningUse}
#: Neighbouring topics that are taken together, singles in a batch, steps until it learns at full speed.
RUN, NEAR, WARM = 5, 16, 15
SLOWEST, LARGEST = 0.05, 1.0


def main() -> None:
    """Fit one, and put it where the service reads it."""
    parser = argparse.ArgumentParser(description="Fit an adapter on the invented requests of tests/training/wishes.")
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--steps", type=int, help="default: as many as the published one took")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    model = MODELS[options.model]()
    fit(model, options.steps or model.steps, random.Random(options.seed))
    np.savez_compressed(DATA / model.kept, **model.adapter())
    print(f"{DATA / model.kept}; next: python -m tests.training.background, python -m tests.training.seal")


def fit(model: LearningE5 | LearningUse, steps: int, dice: random.Random) -> None:
    """So many batches."""
    files, teacher = texts.topics(), torch.optim.AdamW(model.groups(), lr=model.rate, weight_decay=0.01)
    model.train()
    began = time.monotonic()
    for step in range(1, steps + 1):
        for group in teacher.param_groups:
            group["lr"] = group["base"] * min(step / WARM, 1) * max(SLOWEST, 1 - step / steps)
        loss = _loss(model, batch(files, model.topics, dice))
        teacher.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for group in teacher.param_groups for p in group["params"]], LARGEST)
        teacher.step()
        if step % 20 == 0:
            print(f"{step}/{steps} loss {loss.item():.3f} {time.monotonic() - began:.0f} s", flush=True)
    model.eval()


def batch(files: Sequence[Sequence[Topic]], size: int, dice: random.Random) -> tuple[list[str], int]:
    """Texts, and how many pairs: the first half of the pairs, the second half, and what only resembles them."""
    taken: dict[str, Topic] = {}
    while len(taken) < size:
        topics = dice.choices(files, weights=[len(file) for file in files])[0]
        at = dice.randrange(max(1, len(topics) - RUN + 1))
        taken |= {topic.wordings[0]: topic for topic in topics[at : at + RUN]}
    pairs = [dice.sample(topic.wordings, 2) for topic in taken.values()]
    near = [dice.choice(topic.near) for topic in taken.values() if topic.near][:NEAR]
    left, right = zip(*pairs, strict=True)
    return [roughened(text, dice) for text in (*left, *right, *near)], len(pairs)


def _loss(model: nn.Module, given: tuple[list[str], int]) -> Tensor:
    said, pairs = given
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=isinstance(model, LearningE5)):
        vectors = model(said)
    vectors = vectors.float()
    itself = torch.eye(len(vectors), dtype=torch.bool)[: 2 * pairs]
    alike = (vectors @ vectors.T)[: 2 * pairs].masked_fill(itself, -1e4) / model.tau
    other = torch.cat([torch.arange(pairs) + pairs, torch.arange(pairs)])
    return functional.cross_entropy(alike, other)


if __name__ == "__main__":
    main()
