"""What requests look like on the whole, by the adapters there are: `python -m tests.training.background`, some minutes.

It is taken off each vector, and stands in for an installation's own requests while there are few.
"""

from __future__ import annotations

import numpy as np

from tests.training import texts
from workflows.language.vectors.encoder import both
from workflows.language.vectors.files import BACKGROUND, DATA

#: How much USE says beside e5, where both say as much as they spread.
USE_SHARE = 0.7


def main() -> None:
    """Write it where the service reads it."""
    said = [text for file in texts.topics() for topic in file for text in topic.wordings]
    e5, use = (np.array([encode(text) for text in said]) for encode in both())
    (e5, e5_mean, e5_spread), (use, use_mean, use_spread) = _centred(e5), _centred(use)
    shares = np.sqrt(np.array([1 / e5_spread, USE_SHARE / use_spread]))
    shares /= np.linalg.norm(shares)
    whole = np.hstack([e5 * shares[0], use * shares[1]])
    np.savez_compressed(
        DATA / BACKGROUND,
        e5_mean=e5_mean.astype(np.float32),
        use_mean=use_mean.astype(np.float32),
        e5_share=np.float32(shares[0]),
        use_share=np.float32(shares[1]),
        count=np.int32(len(said)),
        mean=whole.mean(0).astype(np.float16),
        cov=np.cov(whole.T, bias=True).astype(np.float16),
    )


def _centred(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Without their mean, of length 1 again; the mean; and how far apart the likenesses of two are."""
    mean = vectors.mean(0)
    vectors = vectors - mean
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors, mean, float((vectors @ vectors.T)[~np.eye(len(vectors), dtype=bool)].std())


if __name__ == "__main__":
    main()
