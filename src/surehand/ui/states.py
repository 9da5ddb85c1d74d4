"""The five readiness states and the cells of the matrix as they are drawn: the same tone, icon and
word everywhere, on pages and on paper (R9)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """`key` names the tone in the stylesheet; `icon` is a lucide icon; `word` is what is read."""

    key: str
    icon: str
    word: str


STATES: dict[str, State] = {
    state.key: state
    for state in (
        State("independent", "circle-check", "Independent"),
        State("awaiting_sign_off", "pen-line", "Awaiting sign-off"),
        State("supervised", "users-round", "Supervised"),
        State("not_ready", "circle-dashed", "Not ready"),
        State("restricted", "lock", "Restricted"),
    )
}


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: `tone` is that of a state, `look` one of held, soon, open, solid."""

    tone: str
    look: str
    icon: str
    word: str = ""


CELLS: dict[str, Cell] = {
    "held": Cell("independent", "held", "check"),
    "soon": Cell("independent", "soon", "clock-alert"),
    "passed": Cell("awaiting_sign_off", "open", "pen-line", "Passed"),
    "with": Cell("supervised", "open", "users-round", "With"),
    "todo": Cell("not_ready", "open", "circle-dashed", "To do"),
    "partly": Cell("not_ready", "open", "circle-dot-dashed", "Partly"),
    "failed": Cell("restricted", "solid", "lock", "Failed"),
}
# What each kind means, with the words of an example, for the legend; `none`: not needed.
LEGEND: tuple[tuple[str, str, str], ...] = (
    ("held", "Oct ’27", "Competent until then"),
    ("soon", "27 Nov", "Ends in 30 days"),
    ("passed", "", "Waits for sign-off"),
    ("with", "With PN", "Only beside that person"),
    ("todo", "", "Still to show"),
    ("failed", "", "Further support"),
)
