"""Reads of support actions and permissions."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from surehand.support.models import Permission, SupportAction, SupportWords

_NAMED = ("person__identity", "owner__identity", "by__identity", "competency")


def open_actions() -> QuerySet[SupportAction]:
    """Support still to be given, by due date."""
    return (
        SupportAction.objects.filter(done__isnull=True)
        .select_related(*_NAMED)
        .order_by("due", "pk")
    )


def finished_since(since: datetime) -> QuerySet[SupportAction]:
    """Support finished since a moment, the latest first."""
    return (
        SupportAction.objects.filter(done__recorded_at__gte=since)
        .select_related(*_NAMED, "done")
        .order_by("-done__recorded_at", "-pk")
    )


def about(people: Collection[int], *, owner: int | None) -> Q:
    """Support for these people, or owned by `owner`."""
    return Q(person__in=list(people)) | Q(owner=owner)


def permissions_in_force(posts: Collection[int], *, at: datetime) -> list[Permission]:
    """Permissions of these posts not ended and not run out at `at`, the latest first."""
    return list(
        Permission.objects.filter(post__in=posts, end__isnull=True, until__gt=at)
        .select_related("by__identity")
        .order_by("-entry")
    )


def words_of(entries: Collection[int]) -> dict[int, str]:
    """What was written with these ledger entries; an erased text is simply not there."""
    return dict(SupportWords.objects.filter(entry__in=list(entries)).values_list("entry", "text"))
