"""Why a signal is fine: what a team leader chooses from."""

ELSEWHERE, OFFLINE, STANDARD, RELATIVE, CORRECTED, OTHER = (
    "elsewhere", "offline", "standard", "relative", "corrected", "other",
)  # fmt: skip

FINE: dict[str, str] = {
    ELSEWHERE: "It is recorded elsewhere",
    OFFLINE: "The device was offline at the time",
    STANDARD: "This wording is agreed for everybody",
    RELATIVE: "The name is of a relative or friend",
    CORRECTED: "A correction followed",
    OTHER: "Something else",
}

_OF_TIME = ("late_entry", "entry_before_event", "bulk_entry", "alert_without_response")
_OF_WORDING = ("reused_wording", "stock_phrases")
_NAMED = "another_person_named"


def fine_for(code: str) -> dict[str, str]:
    """The reasons that can be why this signal is fine."""
    left_out = {
        OFFLINE: code not in _OF_TIME,
        STANDARD: code not in _OF_WORDING,
        RELATIVE: code != _NAMED,
        ELSEWHERE: code in _OF_WORDING or code == _NAMED,
    }
    return {reason: words for reason, words in FINE.items() if not left_out.get(reason)}


NEEDS = "needs"
"""The one reason of an answer that says what is needed, in words."""


def in_words(reason: str) -> str:
    """The reason as a sentence goes on: “it is recorded elsewhere”; empty where words say it."""
    said = FINE.get(reason, "")
    return "" if reason in {OTHER, NEEDS} else f"{said[:1].lower()}{said[1:]}"
