"""The rules of competence, readiness and clearance: pure functions from facts to spans.

No Django, no clock, no I/O. Facts come in, voided ones left out (R15); what they mean over time
comes out. For *known then*, pass the facts up to a `seq` (R3).
"""

from surehand.assessment.outcomes import (
    CompetencyState,
    Observation,
    Outcome,
    Reopening,
    competence,
    competent,
)

from .reasons import Code, Explanation, Reason, Why, explain
from .requirements import (
    Level,
    Plan,
    Post,
    Required,
    Requirement,
    agency_end,
    core_from,
    develops,
    gates,
)
from .shifts import (
    Answer,
    Because,
    Clearance,
    Override,
    Shift,
    Standing,
    able_to_supervise,
    clearance,
    standing,
)
from .states import (
    Allowed,
    Permission,
    Restriction,
    SignOff,
    State,
    allowed,
    least_permissive,
    permission_ends,
    readiness,
)

# The number of this set of rules. A change in what readiness means is a new number with its own
# date and golden spans, so that a release never rewrites what readiness was.
RULE_SET = 1

__all__ = [
    "RULE_SET",
    "Allowed",
    "Answer",
    "Because",
    "Clearance",
    "Code",
    "CompetencyState",
    "Explanation",
    "Level",
    "Observation",
    "Outcome",
    "Override",
    "Permission",
    "Plan",
    "Post",
    "Reason",
    "Reopening",
    "Required",
    "Requirement",
    "Restriction",
    "Shift",
    "SignOff",
    "Standing",
    "State",
    "Why",
    "able_to_supervise",
    "agency_end",
    "allowed",
    "clearance",
    "competence",
    "competent",
    "core_from",
    "develops",
    "explain",
    "gates",
    "least_permissive",
    "permission_ends",
    "readiness",
    "standing",
]
