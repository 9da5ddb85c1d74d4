"""Reads about how people sign in: who needs what, and who has it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Q

from surehand.people.access import AccessRole, By
from surehand.people.models import AccessGrant, Provider, SignIn

# Whoever decides about others or reads what is held about them. Care workers see their own alone.
NEED_TWO = frozenset(AccessRole) - {AccessRole.CARE_WORKER}


def for_all() -> bool:
    """Whether an administrator asks a second factor of everybody."""
    return Provider.objects.filter(second_factor_for_all=True).exists()


def needs_two(by: By) -> bool:
    """Whether this access calls for two factors."""
    return any(grant.role in NEED_TWO for grant in by.grants) or for_all()


def must_use_provider(roles: frozenset[AccessRole], email: str) -> bool:
    """Whether the identity provider is their only way in. The break-glass administrator alone
    still has another, for the day on which the provider is down."""
    only: frozenset[str] = settings.OIDC_ONLY
    if not only or email.casefold() == settings.BREAK_GLASS.casefold():
        return False
    return "everybody" in only or bool(only & roles)


@dataclass(frozen=True)
class Means:
    """With what somebody can show that it is them, beside the first thing asked."""

    passkeys: int
    code_app: bool
    recovery_codes: int

    @property
    def two(self) -> bool:
        return bool(self.passkeys) or self.code_app

    def __str__(self) -> str:
        said = []
        if self.passkeys:
            said.append("passkey" if self.passkeys == 1 else f"{self.passkeys} passkeys")
        if self.code_app:
            said.append("authenticator app")
        return ", ".join(said) or "none"


def means_of(sign_in: SignIn) -> Means:
    return Means(
        passkeys=sign_in.passkeys.count(),
        code_app=hasattr(sign_in, "code_app"),
        recovery_codes=sign_in.recovery_codes.filter(used_at=None).count(),
    )


@dataclass(frozen=True)
class SignInLine:
    """One person's sign-in, as the settings page lists it."""

    sign_in: SignIn
    means: Means
    needs_two: bool
    last: datetime | None


def sign_in_lines(*, today: date) -> list[SignInLine]:
    """Everybody who has a sign-in, by name; three statements however many they are."""
    everybody = for_all()
    needing = set(
        AccessGrant.objects.filter(
            Q(until__isnull=True) | Q(until__gte=today), end__isnull=True, role__in=NEED_TWO
        ).values_list("person_id", flat=True)
    )
    found = (
        SignIn.objects.select_related("person__identity", "code_app")
        .annotate(
            keys=Count("passkeys", distinct=True),
            codes=Count("recovery_codes", Q(recovery_codes__used_at=None), distinct=True),
        )
        .order_by("person__identity__name", "pk")
    )
    return [
        SignInLine(
            sign_in=each,
            means=Means(each.keys, hasattr(each, "code_app"), each.codes),
            needs_two=everybody or each.person_id in needing,
            last=each.last_login,
        )
        for each in found
    ]
