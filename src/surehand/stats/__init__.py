"""How sure a share may be. Pure: numbers in, numbers out."""

from surehand.stats.intervals import Interval, share

__all__ = ["Interval", "share"]
