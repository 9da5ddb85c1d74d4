"""Early warnings in live records: one pure function, records in, reasons out.

No Django, no database, no clock. `screen` reads an Arrow table of records and gives one row back
for each, with measures and reasons; `explain` puts a reason in words. What is required, how soon,
and by which words something is noticed, is a `Ruleset`, which `surehand.ecm` makes from an ECM
profile.
"""

from .explain import Explanation, explain
from .ruleset import AlertRules, Limits, RecordRules, RequiredField, Ruleset
from .screen import screen
from .signals import SIGNALS, Signal, Strength
from .tables import NAMES, RECORDS, SCREENED, ScreeningProblem
from .words import Words, WordsProblem, starter_words, with_own_words

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
