"""What the layout needs to know: the frame round every page, and the page in it.

Views fill these; templates compute nothing.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Link:
    """A link in a list: navigation, breadcrumbs, footer, chips, tabs, services."""

    text: str
    href: str
    current: bool = False
    icon: str = ""


@dataclass(frozen=True)
class User:
    """Who is signed in; `role` is their access role in words (“Registered manager”). What waits on
    the device for a connection is kept under the `pseudonym`."""

    name: str
    role: str = ""
    links: tuple[Link, ...] = ()
    pseudonym: str = ""


@dataclass(frozen=True)
class Frame:
    """The header, navigation and footer: the same on each page of one person's visit.

    `service` is the service now looked at, `services` the others offered in the switcher (none:
    no switcher). An empty address leaves its part out. `evidence` is the last evidence check in
    words; `evidence_href` its page. `stuck` is the address of “I’m stuck”, `stuck_at` the services
    (code, name) at which it can be asked, for a device that loses its connection.
    """

    organisation: str = ""
    home: str = "/"
    nav: tuple[Link, ...] = ()
    user: User | None = None
    service: str = ""
    services: tuple[Link, ...] = ()
    search: str = ""
    stuck: str = ""
    stuck_at: tuple[tuple[str, str], ...] = ()
    sign_out: str = ""
    footer: tuple[Link, ...] = ()
    evidence: str = ""
    evidence_href: str = ""
    practice: str = ""


@dataclass(frozen=True)
class Page:
    """One page: `question` is its heading, `lede` the sentence that answers it (may be markup),
    `over` a small line above (a date, a place). `wide` is for the matrix and the board.
    `person` puts that name's initials beside the heading.
    """

    question: str
    lede: str = ""
    over: str = ""
    title: str = ""
    crumbs: tuple[Link, ...] = ()
    person: str = ""
    wide: bool = False
    kept: str = ""


def address(name: str, *args: object, **query: object) -> str:
    """The address of a named page, with this query; empty where this installation has no such
    page, so that what would link to it is plain text."""
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path
