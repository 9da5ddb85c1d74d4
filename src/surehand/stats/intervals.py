"""How sure a share may be: honest intervals for small numbers and near none or all."""

from math import inf, sqrt
from typing import NamedTuple

Z95 = 1.959963984540054  # 95 of 100 such intervals hold the true share


class Interval(NamedTuple):
    """A share counted (0 to 1) and where the true one likely lies."""

    low: float
    value: float
    high: float


def share(count: int, of: int, *, z: float = Z95) -> Interval:
    """The share `count` of `of`, with its Wilson score interval. Raises ValueError unless
    0 ≤ count ≤ of and of > 0."""
    if not 0 <= count <= of or of == 0:
        raise ValueError(f"{count} of {of} is no share.")
    return wilson(count / of, of, z=z)


def wilson(value: float, n: float, *, z: float = Z95) -> Interval:
    """A share and its score interval (Wilson, JASA 22, 1927) when it is worth n cases, which need
    not be a whole number. Raises ValueError unless 0 ≤ value ≤ 1 and n > 0."""
    if not (0 <= value <= 1 and n > 0):
        raise ValueError(f"{value} of {n} cases is no share.")
    if n == inf:
        return Interval(value, value, value)
    spread = z * sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    middle = value + z * z / (2 * n)
    # At none and at all the interval ends there; sums of floats miss it by a hair.
    low = 0.0 if value == 0 else (middle - spread) / whole
    high = 1.0 if value == 1 else (middle + spread) / whole
    return Interval(low, value, high)


def exact(value: float, n: float, *, sure: float = 0.95) -> Interval:
    """A share and its exact interval (Clopper and Pearson, Biometrika 26, 1934) when it is worth n
    cases, which need not be a whole number (Korn and Graubard, Survey Methodology 24, 1998). Never
    too narrow, often too wide: for shares near none or all. Raises ValueError as `wilson`."""
    # Loaded when it is first needed: most pages and commands count nothing so rare.
    from scipy.special import betaincinv

    if not (0 <= value <= 1 and n > 0):
        raise ValueError(f"{value} of {n} cases is no share.")
    if n == inf:
        return Interval(value, value, value)
    tail, count = (1 - sure) / 2, value * n
    low = 0.0 if value == 0 else float(betaincinv(count, n - count + 1, tail))
    high = 1.0 if value == 1 else float(betaincinv(count + 1, n - count, 1 - tail))
    return Interval(low, value, high)
