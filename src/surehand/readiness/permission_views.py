"""Allowing supervised use of the live system, and ending it early (R9)."""

from contextlib import suppress
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.assessment.forms import ReasonForm
from surehand.evidence.refusal import NotPossible, Refused
from surehand.people.access import Action
from surehand.people.models import Person, Post
from surehand.people.web import by_of, readable_person
from surehand.readiness import permission_pages as pages
from surehand.readiness.permission_forms import PermissionForm
from surehand.support import actions
from surehand.support.models import Permission
from surehand.support.policies import latest_day
from surehand.timeline import instant, london_date
from surehand.ui.formats import day
from surehand.ui.page import Link, Page, address

USUAL = timedelta(days=14)


def permit(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Allow supervised use of one post: which tasks, beside whom, until when."""
    person = readable_person(request, pseudonym, Action.PERMIT)
    by = by_of(request)
    now = evidence.clock.now()
    posts = pages.posts_now(person.pk, now=now)
    post = _chosen(request, posts, person)
    view = pages.to_permit(post, by=by, now=now)
    form = PermissionForm(
        request.POST or None,
        view=view,
        latest=day(latest_day(now=now)),
        initial=_wished(request, london_date(instant(now)), latest_day(now=now)),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.permit(
                by=by,
                post=post,
                until=form.until(),
                competencies=form.cleaned_data["competencies"],
                supervisors=form.cleaned_data["supervisors"],
                failed=view.failed,
                open_restrictions=[r.entry for r in view.restrictions],
                note=form.cleaned_data["note"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                f"{person} may use the live system beside a supervisor until "
                f"{day(form.cleaned_data['last_day'])}.",
            )
            return redirect(_after(person, post, kept=f"permit-{pseudonym}"))
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "readiness/permit.html",
        {
            "page": Page(
                f"May {person} use the live system beside a supervisor?",
                over=f"{view.role} · {post.service}",
                lede="Name the tasks, the supervisors and the last day. It takes effect at once "
                "and ends by itself.",
                crumbs=(Link(str(person), address("person", pseudonym)),)
                if address("person", pseudonym)
                else (),
                title=f"Supervised use, {person}",
                person=str(person),
                kept=request.GET.get("kept", ""),
            ),
            "view": view,
            "posts": pages.post_links(posts, post),
            "form": form,
            "kept": f"permit-{pseudonym}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _chosen(request: HttpRequest, posts: list[Post], person: Person) -> Post:
    """The post in the address, else the first at which this may be allowed, else the first."""
    if not posts:
        raise NotPossible(f"{person} has no post now, so there is nothing to supervise.")
    wanted = request.GET.get("post", "")
    if wanted:
        found = next((p for p in posts if str(p.pk) == wanted), None)
        if found is None:
            raise Http404("This person has no such post now.")
        return found
    by = by_of(request)
    return next((p for p in posts if by.may(Action.PERMIT, p.service_id)), posts[0])


def _wished(request: HttpRequest, today: date, latest: date) -> dict[str, object]:
    """What the address proposes (`supervisor`, a pseudonym; `until`, a day), as the rota page
    does; else two weeks."""
    wished: dict[str, object] = {"last_day": today + USUAL}
    with suppress(ValueError):
        wished["last_day"] = min(date.fromisoformat(request.GET.get("until", "")), latest)
    if supervisor := request.GET.get("supervisor"):
        wished["supervisors"] = list(
            Person.objects.filter(pseudonym=supervisor).values_list("pk", flat=True)
        )
    return wished


def end_permission(request: HttpRequest, entry: int) -> HttpResponse:
    """End supervised use before its last day."""
    permission = (
        Permission.objects.filter(entry=entry)
        .select_related("post__person__identity", "post__service__details")
        .first()
    )
    if permission is None:
        raise Http404("There is no such permission.")
    by = by_of(request)
    actions.check_may_end(by=by, permission=permission)
    person = permission.post.person
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_permission(by=by, permission=permission, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Supervised use has ended for {person}. Tell whoever leads the shift."
            )
            return redirect(_after(person, permission.post, kept=f"end-{entry}"))
    request.section = "people"  # type: ignore[attr-defined]
    return render(
        request,
        "assessment/reason.html",
        {
            "page": Page(
                f"End supervised use for {person}?",
                over=str(permission.post.service),
                lede="It ends at once. Until then it is allowed to "
                f"{day(london_date(instant(permission.until) - 1))}.",
                person=str(person),
            ),
            "form": form,
            "save": "End supervised use",
            "kept": f"end-{entry}",
            "kept_for": by.pseudonym,
        },
        status=400 if request.method == "POST" else 200,
    )


def _after(person: Person, post: Post, *, kept: str) -> str:
    """The page of supervised use again: it shows what is allowed now."""
    return f"{reverse('permit', args=[person.pseudonym])}?post={post.pk}&kept={kept}"
