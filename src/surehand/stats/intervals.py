"""The Wilson interval of a share: honest for small numbers and near none or all."""

from math import sqrt
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
    value = count / of
    spread = z * sqrt(value * (1 - value) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    middle = value + z * z / (2 * of)
    # At none and at all the interval ends there; sums of floats miss it by a hair.
    low = 0.0 if count == 0 else (middle - spread) / whole
    high = 1.0 if count == of else (middle + spread) / whole
    return Interval(low, value, high)
