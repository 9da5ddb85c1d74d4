"""Early warnings in live records: one pure function, records in, reasons out.

No Django, no database, no clock. `screen` reads an Arrow table of records and gives one row back
for each, with measures and reasons; `explain` puts a reason in words. What is required, how soon,
and by which words something is noticed, is a `Ruleset`, which `surehand.ecm` makes from an ECM
profile.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .explain import Explanation, explain
from .ruleset import AlertRules, Limits, RecordRules, RequiredField, Ruleset
from .signals import SIGNALS, Signal, Strength
from .words import Words, WordsProblem, starter_words, with_own_words

if TYPE_CHECKING:
    from .noticing import screen
    from .tables import NAMES, RECORDS, SCREENED, ScreeningProblem

__all__ = [
    "NAMES",
    "RECORDS",
    "SCREENED",
    "SIGNALS",
    "AlertRules",
    "Explanation",
    "Limits",
    "RecordRules",
    "RequiredField",
    "Ruleset",
    "ScreeningProblem",
    "Signal",
    "Strength",
    "Words",
    "WordsProblem",
    "explain",
    "screen",
    "starter_words",
    "with_own_words",
]

# What brings in Arrow and the compiler is loaded when first asked for: pages and commands that
# only put reasons in words do without.
_LATER = {
    "NAMES": "tables",
    "RECORDS": "tables",
    "SCREENED": "tables",
    "ScreeningProblem": "tables",
    "screen": "noticing",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
