"""The life of a change request to the ECM system’s supplier (2.4). Pure."""

import re
from datetime import date

WRITTEN = "written"
"""Before anything was said of it: it stands here, and the supplier has not heard."""

NEXT: dict[str, tuple[str, ...]] = {
    WRITTEN: ("sent", "closed"),
    "sent": ("planned", "declined", "released", "closed"),
    "planned": ("planned", "declined", "released", "closed"),
    "declined": ("sent", "planned", "closed"),
    "released": ("sent", "closed"),
    "closed": (),
}
"""What may follow each state. *Planned* may be planned anew for another day; a release that does
not help is sent again."""

MEANS = {
    "sent": "The supplier has it, on this day",
    "planned": "The supplier means to release it, on this day",
    "declined": "The supplier will not do it, said on this day",
    "released": "It came with a release, on this day",
    "closed": "Nothing more is to be done, since this day",
}


_WORD = r"(?:[a-z]{1,2}|alpha|beta|build|hotfix|patch|rel|release|update|version)[ .-]?"
_NUMBER = "[0-9]{1,8}"
_RELEASE = re.compile(
    f"(?:{_WORD})?{_NUMBER}(?:(?:[._/+-](?:{_WORD})?| ?{_WORD}){_NUMBER})*[a-z]?",
    re.IGNORECASE | re.ASCII,
)


def release_problem(release: str) -> str:
    """Why this is not the number of a release, as a sentence; "" where it is. A fact holds no free
    text (R1): only numbers with dots and such between, and the words and letters versions have."""
    if not release.strip():
        return "Say with which release it came, by its number."
    if not _RELEASE.fullmatch(release.strip()):
        return (
            "Write the release as its number, such as 24.2, 2027.03-rc1 or R12: no names and no "
            "sentences. What else there is to say goes under what they said."
        )
    return ""


def problem(
    state: str,
    after: str,
    *,
    on: date,
    last: date,
    today: date,
    release: str,
) -> str:
    """Why this step cannot follow, as a sentence; "" where it can. `last` is the day of the last
    step that has taken place, or of the request itself."""
    if state not in NEXT[after]:
        return "This step does not follow from where the request stands. Load the page again."
    if state == "planned":
        return "" if on >= today else "A plan is for a day to come. Choose today or a later day."
    if on > today:
        return "This has not happened yet. Choose today or an earlier day."
    if on < last:
        return f"It cannot have happened before {last.day} {last:%B %Y}, the step before."
    return release_problem(release) if state == "released" else ""
