"""ECM profiles under Settings: what each system records and how soon, and the next version."""

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand import evidence
from surehand.ecm import pages, policies
from surehand.ecm.actions import publish_profile
from surehand.ecm.forms import ProfileForm
from surehand.ecm.in_words import settings_in_words
from surehand.ecm.profile import Profile
from surehand.ecm.profile_changes import differences
from surehand.ecm.queries import document_of, last_version, profile_version
from surehand.ecm.queries import profile as profile_in_force
from surehand.evidence.refusal import Refused, why_not
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.web import by_of
from surehand.ui.formats import plural
from surehand.ui.page import Link, Page, address

HERE = "ECM profiles"
KEPT = "ecm-profile"  # what the browser keeps while it is typed


def _reader(request: HttpRequest) -> By:
    """Whoever asks, if they may read the profiles: who reads evidence, and administrators."""
    by = by_of(request)
    if not by.may(Action.SETTINGS, None) and not by.may_anywhere(Action.READ):
        check_may(by, Action.READ, service=None)
    return by


def _crumbs(by: By, *more: Link) -> tuple[Link, ...]:
    settings = (Link("Settings", reverse("settings")),) if by.may(Action.SETTINGS, None) else ()
    return (*settings, *more)


def _here() -> Link:
    return Link(HERE, reverse("settings-of-profiles"))


def _refusal(by: By) -> str:
    if by.may(Action.SETTINGS, None):
        return ""
    return f"Changing a profile takes {who_may(Action.SETTINGS)}."


def profiles(request: HttpRequest) -> HttpResponse:
    """Every profile: where it is used, which version, since when and by whom."""
    by = _reader(request)
    lines = pages.profiles(pages.rows(), now=evidence.clock.now())
    return render(
        request,
        "ecm/profiles.html",
        {
            "page": Page(
                "What do our care systems record?",
                lede="A profile says what a system records, how soon, and who is told. The "
                "practice system is drawn from it, and practice is marked by it.",
                title=HERE,
                crumbs=_crumbs(by),
            ),
            "profiles": lines,
            "refusal": _refusal(by),
            "change": reverse("settings-of-profile-change"),
        },
    )


def profile(request: HttpRequest, code: str) -> HttpResponse:
    """The version in force; of a profile that is still to come, its last."""
    by = _reader(request)
    try:
        shown = profile_in_force(code, at=evidence.clock.now())
    except KeyError:
        last = last_version(code)
        if last is None:
            raise Http404("There is no such ECM profile.") from None
        shown = last
    return _profile_page(request, by, shown)


def version(request: HttpRequest, code: str, version: str) -> HttpResponse:
    """Any version, as it was published."""
    by = _reader(request)
    return _profile_page(request, by, _version(code, version))


def version_yaml(request: HttpRequest, code: str, version: str) -> HttpResponse:
    """The document as it was published, for a provider to edit."""
    _reader(request)
    return HttpResponse(
        document_of(_version(code, version)),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-{version}.yaml"'},
    )


def _version(code: str, version: str) -> Profile:
    try:
        return profile_version(code, version)
    except KeyError:
        raise Http404("There is no such version of an ECM profile.") from None


def _profile_page(request: HttpRequest, by: By, shown: Profile) -> HttpResponse:
    lines = pages.versions(shown.code, pages.rows(), now=evidence.clock.now())
    line = next(one for one in lines if one.version == shown.version)
    return render(
        request,
        "ecm/profile.html",
        {
            "page": Page(
                f"What is recorded in {settings_in_words(shown.settings)}, and how soon?",
                lede=f"{shown.title}, version {shown.version}: {pages.counts_in_words(shown)}. "
                f"{_stands(line)}.",
                title=f"{shown.title}, version {shown.version}",
                crumbs=_crumbs(by, _here()),
                kept=request.GET.get("kept", ""),
            ),
            "profile": shown,
            "line": line,
            "versions": lines,
            "columns": pages.columns(shown),
            "records": pages.records(shown),
            "sections": pages.sections(shown),
            "alerts": pages.alerts(shown, shown.alert_types),
            "prompts": pages.alerts(shown, shown.monitoring_prompts),
            "routes": pages.routes(shown),
            "terms": pages.terms(shown),
            "refusal": _refusal(by),
            "change": address("settings-of-profile-change", **{"from": shown.code}),
        },
    )


def _stands(line: pages.VersionLine) -> str:
    if not line.by:
        return f"{line.stands}. {line.published}"
    return f"{line.stands}, from {line.since}, published by {line.by}"


def change(request: HttpRequest) -> HttpResponse:
    """Write the next version of a profile, or a new one; see what it changes; publish it."""
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    if request.method != "POST":
        return _writing(request, by, ProfileForm(initial={"text": _to_begin_from(request)}))
    form = ProfileForm(request.POST, request.FILES)
    if "write" in request.POST:  # back from what it changes
        return _writing(request, by, ProfileForm(initial={"text": request.POST.get("text", "")}))
    if not form.is_valid():
        return _writing(request, by, form)
    last = last_version(form.profile.code)
    if problem := why_not(lambda: policies.check_version(form.profile, last=last)):
        form.add_error("text", problem)
        return _writing(request, by, form)
    if "publish" not in request.POST:
        return _preview(request, by, form, last)
    try:
        published = publish_profile(
            by=by, text=form.cleaned_data["text"], seen=form.cleaned_data["seen"]
        )
    except Refused as refusal:
        return _preview(request, by, form, last, problem=str(refusal))
    messages.success(
        request,
        f"Version {published.version} is published and applies "
        f"{pages.applies_in_words(form.profile, now=evidence.clock.now())}.",
    )
    place = reverse("settings-of-profile-version", args=[published.code, published.version])
    return redirect(f"{place}?kept={KEPT}")


def _to_begin_from(request: HttpRequest) -> str:
    """The document of the last version of the profile in the address, its number one higher."""
    last = last_version(request.GET.get("from", ""))
    if last is None:
        return ""
    text = document_of(last)
    return re.sub(r"(?m)^version:.*$", f'version: "{last.next_version}"', text, count=1)


def _writing(request: HttpRequest, by: By, form: ProfileForm) -> HttpResponse:
    return render(
        request,
        "ecm/profile_change.html",
        {
            "page": Page(
                "What shall the next version say?",
                lede="Before it is published you see what it changes. Until then it holds for "
                "nobody.",
                title="Change an ECM profile",
                crumbs=_crumbs(by, _here()),
            ),
            "form": form,
            "wrong": form.wrong_lines(),
            "kept": KEPT,
        },
        status=422 if form.errors else 200,
    )


def _preview(
    request: HttpRequest, by: By, form: ProfileForm, last: Profile | None, problem: str = ""
) -> HttpResponse:
    now = evidence.clock.now()
    new = form.profile
    found = differences(last, new) if last else []
    against = f"Against version {last.version}: {plural(len(found), 'change')}." if last else ""
    return render(
        request,
        "ecm/profile_preview.html",
        {
            "page": Page(
                f"What does version {new.version} change?",
                lede=f"{against or 'It is a new profile.'} If you publish it now, it applies "
                f"{pages.applies_in_words(new, now=now)}.",
                title="What the next version changes",
                crumbs=_crumbs(by, _here()),
            ),
            "problem": problem,
            "profile": new,
            "parts": pages.parts(found),
            "counts": "" if last else pages.counts_in_words(new),
            "taken_over": pages.taken_over(new, now=now),
            "text": form.cleaned_data["text"],
            "seen": last.version if last else "",
            "exports": (),  # the tables are of this moment: there is no address to ask again
        },
        status=409 if problem else 200,
    )
