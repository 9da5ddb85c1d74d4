"""People supported: what is held about them and why, for all who read; and, for administrators, how
one of them is erased and all are forgotten."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand.evidence.models import Entry
from surehand.evidence.refusal import NotPermitted, why_not
from surehand.governance import erasing, retention, supported
from surehand.governance.settings_forms import EraseSupportedForm, FindSupportedForm, ForgetForm
from surehand.people.access import Action, By, check_may, who_may
from surehand.people.models import Service
from surehand.people.web import by_of
from surehand.records.forgotten import FORGET
from surehand.ui.formats import day, moment, number, plural
from surehand.ui.page import Link, Page

HELD = "What is held about people supported"

# What is brought in, and what becomes of it on its way in.
BROUGHT_IN = (
    "The records that staff write in the ECM system: who wrote them, when, in which section, and "
    "what they say. And the alerts that rang.",
    "Why: to see early where recording is late, missing or in the wrong place, and to help. "
    "Whatever is noticed is a prompt for somebody to look. Nothing is decided by it.",
    "The id and name that the ECM system gives somebody are not kept as they are. The id becomes a "
    "pseudonym, made with a key that is not in the database. The name is sealed. It is used only "
    "to notice it in a record about somebody else.",
    "What a record says is sealed with a second key. Whoever has the database alone reads nothing "
    "of it.",
)
WHO_READS = (
    "Whoever may see readiness and evidence of a service sees what was noticed there and, while "
    "it is kept, what those records say. So does whoever wrote a record, of their own.",
    "That somebody looked at what a record says is kept, for each day.",
    "Administrators bring files in and say how long things are kept. These pages show them no "
    "record.",
)
# What erasing one of them leaves, and why it may.
ERASING_STAYS = (
    "Every entry of the ledger. None holds their name, id or pseudonym, and every proof still "
    "holds.",
    "Their name inside records about others. Such a record goes by itself when its time is over.",
    "The ECM system itself. If a file brings records about them again, they come in again: take "
    "them out of the ECM system, or out of the file, first.",
    "Copies made before now. They are forgotten again when one is restored.",
)
FORGETTING_DOES = (
    "The key from which pseudonyms are made is replaced, and the old one is written over.",
    "From then on nobody can tell from an id of the ECM system which records here are about that "
    "person, and nobody can tell from a pseudonym whose it is.",
    "All names of people supported that are held here are erased.",
    "Records that come in later are about new pseudonyms. They cannot be compared with those of "
    "before.",
)
FORGETTING_LEAVES = (
    "Records and alerts themselves, what was noticed in them, and all figures made of them.",
    "The numbers the ECM system gives to its records. Whoever can open the ECM system can look a "
    "record up there.",
    "Every entry of the ledger. None holds an id or a name.",
)


def _administrator(request: HttpRequest) -> By:
    request.section = "settings"  # type: ignore[attr-defined]
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    return by


def _crumbs() -> tuple[Link, ...]:
    return (Link(HELD, reverse("held-about-supported")),)


def held(request: HttpRequest) -> HttpResponse:
    """What is held about people supported, how it is protected and when it goes, with counts."""
    by = by_of(request)
    administrator = by.may(Action.SETTINGS, None)
    if not administrator and not by.may_anywhere(Action.READ):
        raise NotPermitted(f"You may not {Action.READ.value}. It takes {who_may(Action.READ)}.")
    rules = retention.rules()
    days = {rule.name: retention.in_words(rule.days) for rule in rules}
    counts = supported.counts()
    next_time = supported.next_emptying(rules)
    last = Entry.objects.filter(kind="retention.applied").order_by("-seq").first()
    return render(
        request,
        "governance/held_about_supported.html",
        {
            "page": Page(
                "What is held about people supported, and why?",
                lede=_in_short(counts),
                title=HELD,
            ),
            "brought_in": BROUGHT_IN,
            "who_reads": WHO_READS,
            "rows": _rows(counts, days),
            "emptied": f"Something was last erased on {moment(last.recorded_at)}, entry "
            f"{number(last.seq)}."
            if last
            else "Nothing has been kept long enough to be erased yet.",
            "next": f"The oldest words go after {moment(next_time)}, when the work that is due is "
            "next done."
            if next_time
            else "No words wait to be erased by themselves.",
            "administrator": administrator,
        },
    )


def _in_short(counts: supported.Counts) -> str:
    if not counts.records and not counts.alerts:
        return "Nothing yet. It appears here when the first file of live records or alerts is in."
    return (
        f"{plural(counts.records, 'record')} and {plural(counts.alerts, 'alert')} about "
        f"{plural(counts.people, 'person', 'people')}. What they say is held for "
        f"{number(counts.texts)} of the records."
    )


def _rows(counts: supported.Counts, days: dict[str, str]) -> list[tuple[str, str, str]]:
    """What, how much of it now, and for how long."""
    return [
        (
            "What records say, sealed",
            number(counts.texts),
            f"{days['records.RecordText']} after they came in",
        ),
        (
            "Of these: something was noticed in them that nobody has called fine, or they are "
            "shown beside such a record",
            number(counts.flagged),
            f"{days['records.RecordText.flagged']} after they came in",
        ),
        ("Of these: needed longer, for an audit", number(counts.asked), "Until a day that is set"),
        (
            "Records without their words, and what was noticed in them",
            number(counts.records),
            f"{days['records.LiveRecord']} after they were written",
        ),
        (
            "Alerts that rang",
            number(counts.alerts),
            f"{days['records.RaisedAlert']} after they rang",
        ),
        (
            "Rows kept aside, sealed: a word in them is not known yet",
            number(counts.aside),
            days["records.KeptAside"],
        ),
        (
            "Pseudonyms of people supported",
            number(counts.people),
            f"{days['records.Subject']} after they were last in a file",
        ),
        ("Of these: with a sealed name", number(counts.named), "As long as the pseudonym"),
    ]


def erase(request: HttpRequest) -> HttpResponse:
    """Find one of them by their id in the ECM system, show what is held, and erase it when told who
    asked and why. The id is in no address."""
    by = _administrator(request)
    services = {
        service.code: service
        for service in Service.objects.select_related("details").order_by("details__name")
    }
    choices = [(code, str(service)) for code, service in services.items()]
    found: list[erasing.Found] = []
    said = request.POST or None
    finding = FindSupportedForm(said, services=[("", "Choose a service"), *choices])
    form = finding
    if said and finding.is_valid():
        service = services[finding.cleaned_data["service"]]
        subject_id = finding.cleaned_data["subject_id"]
        found = erasing.would_erase(supported.whom(service, subject_id))
        if not found:
            finding.add_error("subject_id", f"Nothing is held about “{subject_id}” at {service}.")
        else:
            erasing_now = "erase" in said
            form = EraseSupportedForm(
                said if erasing_now else None, services=choices, initial=finding.cleaned_data
            )
            if erasing_now and form.is_valid():
                supported.erase_supported(
                    by=by,
                    service=service,
                    subject_id=subject_id,
                    asked_by=form.cleaned_data["asked_by"],
                    why=form.cleaned_data["why"],
                )
                messages.success(request, _erased("Erased."))
                return redirect("held-about-supported")
    return render(
        request,
        "governance/erase_supported.html",
        {
            "page": Page(
                "Erase somebody supported?" if found else "Who is to be erased?",
                lede="Records about them, what they say, alerts and their name go. What was proven "
                "about staff stays.",
                title="Erase somebody supported",
                crumbs=_crumbs(),
            ),
            "form": form,
            "found": [(each.what, plural(each.count, "row")) for each in found],
            "stays": ERASING_STAYS,
        },
        status=422 if form.errors else 200,
    )


def forget(request: HttpRequest) -> HttpResponse:
    """Say what forgetting whom the records are about does, and do it once that is understood."""
    by = _administrator(request)
    form = ForgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        supported.forget_whom(by=by, words=form.cleaned_data["words"])
        messages.success(
            request, _erased("Forgotten: nobody can tell now whose these records are.")
        )
        return redirect("held-about-supported")
    last = Entry.objects.filter(kind=FORGET).order_by("-seq").first()
    return render(
        request,
        "governance/forget_supported.html",
        {
            "page": Page(
                "Forget whom these records are about?",
                lede=f"It was last done on {day(last.recorded_at)}."
                if last
                else "It was never done here.",
                title="Forget whom records are about",
                crumbs=_crumbs(),
            ),
            "form": form,
            "does": FORGETTING_DOES,
            "leaves": FORGETTING_LEAVES,
            "refusal": why_not(lambda: supported.check_may_forget(by=by)),
        },
        status=422 if form.errors else 200,
    )


def _erased(what: str) -> str:
    done = erasing.clean_soon()
    return f"{what} " + (
        "The bytes are gone from the database as well."
        if done
        else "The bytes leave the database’s files when the work that is due is next done."
    )
