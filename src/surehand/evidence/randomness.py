"""Randomness, passed in: salts come from here, so that the demonstration can be the same twice."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_source: ContextVar[Callable[[int], bytes]] = ContextVar("source", default=secrets.token_bytes)


def token_bytes(size: int) -> bytes:
    """`size` random bytes, unpredictable unless a demonstration says otherwise."""
    return _source.get()(size)


@contextmanager
def using(source: Callable[[int], bytes]) -> Iterator[None]:
    """Take random bytes from `source` inside the block: for the demonstration and tests only."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
