"""For administrators: erase a person, say how long things are kept, and who keeps checkpoints."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from surehand.evidence.models import Entry
from surehand.evidence.refusal import why_not
from surehand.governance import erasing, mailing, retention
from surehand.governance.models import Mailing, Recipient
from surehand.governance.settings_forms import EraseForm, RecipientsForm, RetentionForm
from surehand.people.access import Action, By, check_may
from surehand.people.models import Person
from surehand.people.web import by_of
from surehand.ui.formats import moment, number, plural
from surehand.ui.page import Link, Page

# What an erasure leaves, and why it may.
STAYS = (
    "Facts by pseudonym: posts, checks and their outcomes, sign-offs, restrictions. They show that "
    "care was given by people who were ready.",
    "Every entry of the ledger. None holds a name, and every proof still holds.",
    "What they wrote about others: it is about those others. Their name in it goes.",
    "First names alone and nicknames in texts about others: nobody can tell whose they are.",
    "Copies made before now. They are forgotten again when one is restored.",
)


def _administrator(request: HttpRequest) -> By:
    request.section = "settings"  # type: ignore[attr-defined]
    by = by_of(request)
    check_may(by, Action.SETTINGS, service=None)
    return by


def _crumbs() -> tuple[Link, ...]:
    return (Link("Settings", reverse("settings")),)


def erase(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Show what would be erased and what stays; erase it when told who asked and why."""
    by = _administrator(request)
    person = Person.objects.select_related("identity").filter(pseudonym=pseudonym).first()
    if person is None:
        raise Http404("There is no such person.")
    here = erasing.has_post(person)
    form = EraseForm(request.POST or None, has_post=here)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        erasing.erase(
            by=by,
            person=person,
            asked_by=said["asked_by"],
            why=said["why"],
            although_here=said.get("although_here", False),
        )
        done = erasing.clean_soon()
        messages.success(
            request,
            f"Erased. From now on they are “Erased person {pseudonym[:6]}”. "
            + (
                "The bytes are gone from the database as well."
                if done
                else "The bytes leave the database’s files when the work that is due is next done."
            ),
        )
        return redirect("settings-of-person", pseudonym)
    found = erasing.would_erase(erasing.whom(person))
    refusal = why_not(lambda: erasing.check_may_erase(by=by, person=person, although_here=True))
    return render(
        request,
        "governance/erase.html",
        {
            "page": Page(
                f"Erase {person}?",
                lede="Who they are and what was written about them goes. What was proven stays.",
                title="Erase a person",
                person=str(person),
                crumbs=(
                    *_crumbs(),
                    Link(str(person), reverse("settings-of-person", args=[pseudonym])),
                ),
            ),
            "form": form,
            "goes": [(each.what, plural(each.count, "row")) for each in found],
            "stays": STAYS,
            "here": here,
            "refusal": refusal,
            "back": reverse("settings-of-person", args=[pseudonym]),
        },
        status=422 if form.errors else 200,
    )


def kept_for(request: HttpRequest) -> HttpResponse:
    """How long each sort of thing is kept and why; change it within bounds."""
    by = _administrator(request)
    rules = retention.rules()
    free = [rule for rule in rules if not rule.kept.fixed]
    form = RetentionForm(
        request.POST or None, rules=free, initial={"leavers": retention.leavers_years()}
    )
    if request.method == "POST" and form.is_valid():
        retention.change(by=by, days=form.days, leavers=form.cleaned_data["leavers"])
        messages.success(
            request, "Saved. It holds from the next time the work that is due is done."
        )
        return redirect("settings-of-retention")
    years = retention.LEAVERS_YEARS
    leavers = plural(len(erasing.leavers(years=years)), "person", "people")
    form.fields["leavers"].help_text = (
        f"Leave it empty and names are kept until somebody erases them. We suggest {years} years; "
        f"today that would be {leavers}."
    )
    last = Entry.objects.filter(kind="retention.applied").order_by("-seq").first()
    return render(
        request,
        "governance/retention.html",
        {
            "page": Page(
                "How long is everything kept?",
                lede=f"Something was last erased on {moment(last.recorded_at)}, entry "
                f"{number(last.seq)}."
                if last
                else "Nothing has been kept long enough to be erased yet.",
                title="Retention",
                crumbs=_crumbs(),
            ),
            "form": form,
            "rows": [
                (rule.kept.what, retention.in_words(rule.days), rule.kept.why)
                for rule in rules
                if rule.kept.fixed
            ],
            "fields": [form[rule.name] for rule in free],
        },
        status=422 if form.errors else 200,
    )


def recipients(request: HttpRequest) -> HttpResponse:
    """Who outside is mailed the checkpoint every week, and how this week went."""
    by = _administrator(request)
    held = list(Recipient.objects.order_by("address"))
    form = RecipientsForm(
        request.POST or None, initial={"addresses": "\n".join(r.address for r in held)}
    )
    if request.method == "POST" and form.is_valid():
        mailing.set_recipients(by=by, addresses=form.cleaned_data["addresses"])
        messages.success(request, "Saved. The newest checkpoint goes out once a week.")
        return redirect("settings-of-checkpoints")
    mails = {
        mail.recipient_id: mail
        for mail in Mailing.objects.filter(week=mailing.this_week(), recipient__in=held)
    }
    return render(
        request,
        "governance/recipients.html",
        {
            "page": Page(
                "Who keeps our checkpoints?",
                lede=(plural(len(held), "address", "addresses") if held else "No address")
                + " outside. Whoever keeps one can show later whether anything was changed.",
                title="Recipients of the checkpoint",
                crumbs=_crumbs(),
            ),
            "form": form,
            "rows": [(r.address, mailing.how_it_went(mails.get(r.pk))) for r in held],
            "set_up": mailing.is_set_up(),
        },
        status=422 if form.errors else 200,
    )
