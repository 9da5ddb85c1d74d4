"""The person page, and what is held about oneself."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from surehand.competency.queries import latest_checks
from surehand.governance import story
from surehand.home import confidence, spot_checks
from surehand.home.held import held_about
from surehand.home.offers import offers
from surehand.home.person import PostView, Voice, look_at
from surehand.home.person_document import person_document
from surehand.home.support import checks_asked_of, support_of
from surehand.people.access import Action, By
from surehand.people.models import Person
from surehand.people.queries import same_human
from surehand.people.web import as_at, by_of, readable_person
from surehand.practice.spot_checks import asked_of
from surehand.support.course_pages import NOT_COMPETENCE, lines_of_person
from surehand.ui import document
from surehand.ui.formats import local, plural
from surehand.ui.page import Link, Page, address

# The feed shows this many entries before it asks for more.
SHOWN = 8


def person(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """One person: how ready they are and why, as at any moment, and everything that happened;
    `format=pdf` carries it away."""
    request.section = "people"  # type: ignore[attr-defined]
    by = by_of(request)
    about = readable_person(request, pseudonym)
    own = by.is_self(about.pk)
    asked = as_at(request)
    voice = Voice(own, about.first_name)
    view = look_at(about, at=asked.moment, known=asked.known, voice=voice)
    happened = story.story(
        person=about.pk,
        pseudonym=about.pseudonym,
        by=by,
        until=asked.chosen,
        known=asked.known,
    )
    support = checks_asked_of([about.pk], at=asked.moment, known=asked.known).get(about.pk, [])
    support += support_of(about.pk, at=asked.moment, known=asked.known)
    if request.GET.get("format") == "pdf":
        content = person_document(
            about,
            view,
            lede=_lede(view.posts, own),
            as_at=asked,
            happened=happened,
            support=support,
        )
        return document.response(content, f"person-{local(asked.moment):%Y-%m-%d}")
    only = request.GET.get("about", "")
    if only:
        happened = [h for h in happened if h.competency == only]
    every = "entries" in request.GET or bool(only)
    # Links on the page keep the moment looked at.
    keep = f"{urlencode(asked.address)}&" if asked.address else ""
    said = confidence.pairs([about.pk], at=asked.moment, known=asked.known)
    readable = next((v for v in view.posts if by.may(Action.READ, v.post.service_id)), None)
    return render(
        request,
        "home/person.html",
        {
            "page": Page(
                str(about),
                lede=_lede(view.posts, own),
                title=str(about),
                person=str(about),
                crumbs=_crumbs(by, readable),
            ),
            "about": about,
            "own": own,
            "voice": voice,
            "asked": asked,
            "view": view,
            "keep": keep,
            "happened": happened if every else happened[:SHOWN],
            "all_link": Link(
                f"All {plural(len(happened), 'entry', 'entries')}",
                f"?{keep}entries=all#what-happened",
            )
            if len(happened) > SHOWN and not every
            else Link("Show everything", f"?{keep}#what-happened")
            if only
            else None,
            "only": _short(only),
            "offers": offers(by=by, person=about, view=readable)
            if readable and asked.chosen is None and not own
            else [],
            "assesses": readable is not None
            and asked.chosen is None
            and not own
            and by.may(Action.ASSESS, readable.post.service_id),
            "support": support,
            "practice": address("practice-log-of-person", about.pseudonym, **dict(asked.address)),
            "paper": f"?{keep}format=pdf",
            "all_standings": "competencies" in request.GET,
            "sure": confidence.picture(said, names={about.pk: about}, checks=latest_checks())
            if said
            else [],
            "bands": list(confidence.BANDS.values()),
            "courses": lines_of_person(
                about.pk, [v.post for v in view.posts], at=asked.moment, known=asked.known
            ),
            "not_competence": NOT_COMPETENCE,
            "spot_checks": [
                spot_checks.row(each)
                for each in asked_of(same_human(about.pk), at=asked.moment, known=asked.known)
                if own or by.may(Action.READ, each.check.service_id)
            ],
        },
    )


def _short(code: str) -> str:
    """The check's short name by its competency's code; empty for none."""
    if not code:
        return ""
    return next((c.short for c in latest_checks().values() if c.competency.code == code), "")


def _lede(posts: list[PostView], own: bool) -> str:
    if len(posts) == 1:
        return f"{posts[0].title} · {posts[0].line}"
    if posts:
        return f"{plural(len(posts), 'post')}: {', '.join(p.title for p in posts)}"
    return "You have no post at this moment." if own else "No post at this moment."


def _crumbs(by: By, readable: PostView | None) -> tuple[Link, ...]:
    if not by.may_anywhere(Action.READ):
        return ()
    crumbs = [Link("People", reverse("people"))]
    if readable:
        service = readable.post.service
        crumbs.append(Link(str(service), f"{reverse('people')}?service={service.code}"))
    return tuple(crumbs)


def held_about_me(request: HttpRequest) -> HttpResponse:
    """What Surehand holds about the person signed in."""
    by = by_of(request)
    about: Person = request.user.person  # type: ignore[union-attr]
    return render(
        request,
        "home/held.html",
        {
            "page": Page(
                "What is held about me?",
                lede="Everything Surehand knows about you, in one place.",
                title="What is held about me",
            ),
            "about": about,
            "held": held_about(about, by=by),
        },
    )
