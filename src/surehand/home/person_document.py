"""A person's page on paper: the same posts, strips, competencies and story."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from surehand import evidence
from surehand.governance.story import Happened
from surehand.home.person import PersonView, PostView
from surehand.home.support import Item
from surehand.people.models import Person
from surehand.people.web import AsAt
from surehand.ui import document
from surehand.ui.formats import moment, number
from surehand.ui.states import STATES
from surehand.ui.strip import STEPS, Strip

TEMPLATE = Path(__file__).parent / "typst" / "person.typ"


def person_document(
    about: Person,
    view: PersonView,
    *,
    lede: str,
    as_at: AsAt,
    happened: Sequence[Happened],
    support: Sequence[Item],
) -> bytes:
    """The page as accessible PDF, with everything on it that a screen folds away."""
    seq = evidence.last_seq() if as_at.known is None else as_at.known
    known = "as known then, at entry" if as_at.known is not None else "as known at entry"
    return document.pdf(
        TEMPLATE,
        {
            "title": str(about),
            "lede": lede,
            "foot": f"Surehand · {about} · as at {moment(as_at.moment)}, {known} {number(seq)}",
            "states": {key: asdict(state) for key, state in STATES.items()},
            "today": "Then" if as_at.chosen else "Today",
            "posts": [_post(post) for post in view.posts],
            "others": view.other_posts,
            "support": [{"what": each.what, "why": each.why, "tag": each.tag} for each in support],
            "happened": [
                {
                    "when": moment(each.when),
                    "what": each.what,
                    "rest": " ".join(filter(None, [each.rest, each.note, each.late])),
                    "words": each.words,
                    "entry": number(each.entry),
                }
                for each in happened
            ],
        },
    )


def _post(post: PostView) -> dict[str, Any]:
    return {
        "title": post.title,
        "line": post.line,
        "state": post.key,
        "tag": post.tag,
        "lead": document.runs(post.lead),
        "reasons": [
            told.sentence + (f" Entry {number(told.entry)}." if told.entry else "")
            for told in post.reasons
        ],
        "months": post.months,
        "strip": _strip(post.strip),
        "hold": f"{len(post.holding)} of {len(post.standings)} hold",
        "standings": [
            {
                "short": each.short,
                "code": each.code,
                "gate": each.gate,
                "tone": each.tone,
                "now": each.now,
                "lane": _strip(each.lane),
                "why": each.why,
                "entries": number(each.entries),
            }
            for each in post.standings
        ],
    }


def _strip(strip: Strip) -> dict[str, Any]:
    return {
        "months": [{"at": _share("x", where), "name": name} for where, name in strip.months],
        "spans": [
            {
                "at": _share("x", each.place),
                "width": _share("w", each.place),
                "state": each.state.key,
                "word": each.word,
                "detail": each.detail,
                "future": each.future,
            }
            for each in strip.spans
        ],
        "events": [
            {"at": _share("x", each.place), "icon": each.icon, "text": each.text, "line": each.line}
            for each in strip.events
        ],
        "today": _share("x", strip.today) if strip.today else None,
        "lines": strip.lines,
    }


def _share(axis: str, place: str) -> float:
    """The share of the whole that a place on a strip stands for (`ui.strip.place`)."""
    found = re.search(rf"\b{axis}-(\d+)", place)
    assert found
    return int(found[1]) / STEPS
