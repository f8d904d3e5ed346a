"""How unlikely a count is where so many are usual: both tails of the negative binomial distribution, as logarithms.

    log_upper(9, mean=4.0, size=6.0)   # log P(X ≥ 9)
    log_lower(0, mean=9.0, size=6.0)   # log P(X ≤ 0)
    quantile(0.995, 4.0, 6.0)          # the smallest count that is exceeded with a chance of 0.005 or less

All take numbers or arrays, and give arrays. Its variance is mean + mean²/size; of a size without end it is Poisson's.
Natural logarithms, to 12 digits or so, however small the chance is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: So large a size is none: the distribution is Poisson's in every digit.
PLAIN_SIZE = 1e15
LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)
#: From here on Stirling's series has all digits.
UP = 16
#: The factors of the powers of -d in a deviance, the highest first: 1/(k·(k-1)) down to d².
DEVIANCE = [1 / (k * (k - 1)) for k in range(11, 1, -1)]
ENOUGH, MOST_TERMS = 1e-15, 100_000


def log_upper(count: ArrayLike, mean: ArrayLike, size: ArrayLike = np.inf) -> Floats:
    """The logarithm of the chance of so many or more. NaN where anything is."""
    n, mu, r, known = _arrays(count, mean, size)
    found = np.where(n <= 0, 0.0, _both(np.maximum(n, 1.0), mu, r)[0])
    return np.where(known, found, np.nan)


def log_lower(count: ArrayLike, mean: ArrayLike, size: ArrayLike = np.inf) -> Floats:
    """The logarithm of the chance of so many or fewer. NaN where anything is."""
    n, mu, r, known = _arrays(count, mean, size)
    found = np.where(n < 0, -np.inf, _both(np.maximum(n, 0.0) + 1.0, mu, r)[1])
    return np.where(known, found, np.nan)


def quantile(share: float, mean: ArrayLike, size: ArrayLike = np.inf) -> Floats:
    """The smallest count such that so large a share of all counts is not above it."""
    mu, r = (np.asarray(each, dtype=np.float64) for each in np.broadcast_arrays(mean, size))
    low, high = np.full(mu.shape, -1.0), np.ceil(mu + 3 * np.sqrt(mu + mu * mu / r)) + 1.0
    aim = np.log1p(-share)
    while (short := log_upper(high + 1, mu, r) > aim).any():
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = log_upper(middle + 1, mu, r) <= aim
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    found: Floats = high
    return found


def _arrays(count: ArrayLike, mean: ArrayLike, size: ArrayLike) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """All of one shape and within bounds; the last one says where all three are numbers."""
    n, mu, r = (np.asarray(each, dtype=np.float64) for each in np.broadcast_arrays(count, mean, size))
    known = ~(np.isnan(n) | np.isnan(mu) | np.isnan(r))
    n, mu, r = np.where(known, np.ceil(n), 1.0), np.where(known, mu, 1.0), np.where(known, r, 1.0)
    return n, np.maximum(mu, 1e-300), np.clip(r, 1e-9, PLAIN_SIZE), known


def _both(n: Floats, mu: Floats, r: Floats) -> tuple[Floats, Floats]:
    """log P(X ≥ n) and log P(X < n), n ≥ 1: the tail that n lies in is reckoned, and the other is what is left of 1."""
    above = n > mu
    upper, lower = np.zeros(n.shape), np.zeros(n.shape)
    upper[above] = _log_mass(n[above], mu[above], r[above]) + np.log(_fraction(n[above], mu[above], r[above]))
    rest = ~above
    lower[rest] = _log_mass(n[rest] - 1, mu[rest], r[rest]) + np.log(_descending(n[rest] - 1, mu[rest], r[rest]))
    lower[above], upper[rest] = _log_rest(upper[above]), _log_rest(lower[rest])
    return upper, lower


def _log_rest(log_share: Floats) -> Floats:
    """log(1 - share)."""
    with np.errstate(divide="ignore"):
        return np.log(-np.expm1(np.minimum(log_share, 0.0)))


def _fraction(n: Floats, mu: Floats, r: Floats) -> Floats:
    """P(X ≥ n) / P(X = n): the continued fraction of the incomplete beta function, from its front (Lentz)."""
    q = mu / (mu + r)
    c, d = np.ones(n.shape), 1.0 / _off_zero(1.0 - (n + r) * q / (n + 1.0))
    found = d.copy()
    for m in range(1, MOST_TERMS):
        for step in (
            m * (r - m) * q / ((n + 2 * m - 1) * (n + 2 * m)),
            -(n + m) * (n + r + m) * q / ((n + 2 * m) * (n + 2 * m + 1)),
        ):
            d = 1.0 / _off_zero(1.0 + step * d)
            c = _off_zero(1.0 + step / c)
            found = found * (c * d)
        if np.all(np.abs(c * d - 1.0) < ENOUGH * 4):
            break
    return found


def _off_zero(value: Floats) -> Floats:
    return np.where(np.abs(value) < 1e-300, 1e-300, value)


def _descending(n: Floats, mu: Floats, r: Floats) -> Floats:
    """P(X ≤ n) / P(X = n): from n down to nothing, each term out of the one before."""
    q = mu / (mu + r)
    found, term = np.ones(n.shape), np.ones(n.shape)
    for step in range(int(n.max(initial=0.0))):
        k = n - step
        term = np.where(k > 0, term * k / np.maximum((k - 1 + r) * q, 1e-300), 0.0)
        found = found + term
        if np.all(term < ENOUGH * found * 0.1):
            break
    return found


def _log_mass(n: Floats, mu: Floats, r: Floats) -> Floats:
    """log P(X = n), by Loader's deviances, which lose no digits where numbers are large."""
    none = -r * np.log1p(mu / r)
    k = np.maximum(n, 1.0)
    deviance = _outlying(k, mu, r) + _deviance((mu - k) / (k + r)) * (k + r) * r / (mu + r)
    correction = _stirling(k + r) - _stirling(k) - _stirling(r)
    mass = correction - deviance - LOG_SQRT_2PI - 0.5 * (np.log(k) + np.log1p(k / r))
    return np.where(n < 1, none, mass)


def _outlying(k: Floats, mu: Floats, r: Floats) -> Floats:
    """The deviance of k from what is expected of k + r trials, each with the chance mu / (mu + r)."""
    expected = (k + r) * (mu / (mu + r))
    return expected * _deviance((k - mu) * r / ((k + r) * mu))


def _deviance(d: Floats) -> Floats:
    """(1 + d)·log(1 + d) - d, also where d is so small that the two would be all that is left of each other."""
    near = np.clip(d, -0.01, 0.01)
    powers = np.zeros(d.shape)
    for factor in DEVIANCE:
        powers = (powers + factor) * -near
    powers = powers * -near
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = (1 + d) * np.log1p(d) - d
    return np.where(np.abs(d) < 0.01, powers, plain)


def _stirling(z: Floats) -> Floats:
    """What Stirling's formula leaves out of log Γ(z + 1): its series, good from 16 on, and a step up to there."""
    small = z < UP
    x = np.where(small, z + UP, z)
    s = 1.0 / x
    t = s * s
    series = s * (1 / 12 - t * (1 / 360 - t * (1 / 1260 - t * (1 / 1680 - t * (1 / 1188 - t * 691 / 360360)))))
    if small.any():  # log Γ(z + 17) - log Γ(z + 1) is the sum of 16 logarithms
        low, up = z[small], x[small]
        series[small] += _rough(up) - _rough(low) - np.log(np.prod(low[:, None] + np.arange(1.0, UP + 1), axis=1))
    return series


def _rough(z: Floats) -> Floats:
    """Stirling's formula of log Γ(z + 1)."""
    found: Floats = (z + 0.5) * np.log(z) - z + LOG_SQRT_2PI
    return found
