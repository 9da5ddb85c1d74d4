"""Refusals: what an action raises when it will not do what was asked."""


class Refused(Exception):
    """One sentence a person can read; `str(refusal)` is that sentence."""


class NotPermitted(Refused):
    """The person who asks may not do this."""


class NotPossible(Refused):
    """Nobody may do this in the present state of things."""
