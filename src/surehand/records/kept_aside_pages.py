"""What the page of rows kept aside shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Min

from surehand.people.models import ServiceDetails
from surehand.records.bringing_in import Why
from surehand.records.kept_aside_actions import KINDS, choices
from surehand.records.models import KeptAside, KnownWord
from surehand.ui.formats import day, plural

_WORDS = {Why.RECORD_TYPE: "Record type", Why.SECTION: "Section", Why.ALERT_TYPE: "Alert"}
_SHOWN = 5


@dataclass(frozen=True)
class Group:
    """The rows of one kind that wait for one word; `options` are what it may be read as."""

    kind: str
    title: str
    why: str
    reason: str
    said: str
    what: str  # the word, with what it is
    count: int
    rows: str  # the count in words
    where: str
    since: str
    ids: str
    options: Mapping[str, str]


def groups() -> list[Group]:
    """The words that rows wait for, the most frequent first."""
    names = dict(ServiceDetails.objects.values_list("service_id", "name"))
    rows = KeptAside.objects.filter(done_by__isnull=True)
    where: dict[tuple[str, ...], set[str]] = {}
    for kind, why, said, service in rows.values_list(
        "import_kind", "why", "said", "service_id"
    ).distinct():
        where.setdefault((kind, why, said), set()).add(names.get(service, ""))
    options = {why: choices(why) for _, why, _ in where}
    found = (
        rows.values("import_kind", "why", "said")
        .annotate(count=Count("pk"), first=Min("set_aside_at"))
        .order_by("-count", "said")
    )
    ids: dict[tuple[str, ...], list[str]] = {}
    for kind, why, said, row_id in rows.order_by("-pk").values_list(
        "import_kind", "why", "said", "row_id"
    )[:1000]:
        ids.setdefault((kind, why, said), []).append(row_id)
    return [
        Group(
            kind=one["import_kind"],
            title=KINDS[one["import_kind"]].title,
            why=one["why"],
            reason=Why(one["why"]).label,
            said=one["said"],
            what=f"{_WORDS[Why(one['why'])]} “{one['said']}”" if one["said"] else "No person",
            count=one["count"],
            rows=plural(one["count"], "row"),
            where=", ".join(sorted(where[key])),
            since=day(one["first"]),
            ids=", ".join(ids.get(key, [])[:_SHOWN]),
            options=options[one["why"]],
        )
        for one in found
        for key in [(one["import_kind"], one["why"], one["said"])]
    ]


def chosen() -> list[tuple[str, str, str]]:
    """The words somebody chose a meaning for: what it is, the word as compared, its meaning."""
    titles = {of: choices(of) for of in _WORDS}
    return [
        (_WORDS[Why(of)], said, titles[Why(of)].get(means, means))
        for of, said, means in KnownWord.objects.order_by("of", "said").values_list(
            "of", "said", "means"
        )
    ]
