"""The five readiness states as they are drawn: the same tone, icon and word everywhere (R9)."""

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
