"""The only writer of how people sign in. Each change is an entry in the ledger; no secret is."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import (
    CodeApp,
    Passkey,
    Provider,
    RecoveryCode,
    SignIn,
    SignInLink,
)
from surehand.people.signing_in import totp
from surehand.people.signing_in.sealing import digest, seal, unseal

RECOVERY_CODES = 10
# Without letters and digits that look alike.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
RECOVERY_CODE_LENGTH = 10
LINK_LASTS = timedelta(days=7)
LINK_BYTES = 32


def check_own_or_settings(by: By, sign_in: SignIn) -> None:
    """One changes one's own sign-in; an administrator everybody's. Raises NotPermitted."""
    if by.person != sign_in.person_id:
        check_may(by, Action.SETTINGS, service=None)


# --- second factors ------------------------------------------------------------------------------


def add_passkey(
    *, by: By, sign_in: SignIn, name: str, credential_id: str, credential: bytes, uses: int
) -> Passkey:
    check_own(by, sign_in)
    if Passkey.objects.filter(credential_id=credential_id).exists():
        raise NotPossible("This passkey is set up already.")
    with evidence.act("sign_in.factor_added", by=by.actor) as act:
        passkey = Passkey.objects.create(
            sign_in=sign_in,
            name=name,
            credential_id=credential_id,
            credential=credential,
            uses=uses,
            added_at=act.recorded_at,
        )
        act.about(sign_in.person.pseudonym)
        act.state(factor="passkey")
    return passkey


def add_code_app(*, by: By, sign_in: SignIn, secret: bytes, code: str) -> CodeApp:
    """Set up an authenticator app, once it has shown that it has the secret."""
    check_own(by, sign_in)
    if CodeApp.objects.filter(sign_in=sign_in).exists():
        raise NotPossible("An authenticator app is set up already. Remove it first.")
    step = totp.step_of(secret, code, at=evidence.clock.now())
    if step is None:
        raise NotPossible(
            "That code is not right. Check that the app shows Surehand, and that the clock of the "
            "device is right."
        )
    with evidence.act("sign_in.factor_added", by=by.actor) as act:
        app = CodeApp.objects.create(
            sign_in=sign_in, sealed=seal(secret), last_step=step, added_at=act.recorded_at
        )
        act.about(sign_in.person.pseudonym)
        act.state(factor="code")
    return app


def renew_recovery_codes(*, by: By, sign_in: SignIn) -> list[str]:
    """Ten new codes, to be shown once; those from before no longer work."""
    check_own(by, sign_in)
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    with evidence.act("sign_in.recovery_codes_made", by=by.actor) as act:
        sign_in.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(sign_in=sign_in, digest=_recovery_digest(sign_in, code)) for code in codes
        )
        act.about(sign_in.person.pseudonym)
    return codes


def remove_factor(*, by: By, factor: Passkey | CodeApp) -> None:
    """Take away a passkey or an authenticator app, at once: it ends every session of the person."""
    sign_in = factor.sign_in
    check_own_or_settings(by, sign_in)
    with evidence.act("sign_in.factor_removed", by=by.actor) as act:
        act.about(sign_in.person.pseudonym)
        act.state(factor="passkey" if isinstance(factor, Passkey) else "code")
        factor.delete()
        if not sign_in.passkeys.exists() and not CodeApp.objects.filter(sign_in=sign_in).exists():
            sign_in.recovery_codes.all().delete()
        _end_sessions(sign_in)


def check_own(by: By, sign_in: SignIn) -> None:
    """Nobody sets up a factor for somebody else."""
    if by.person != sign_in.person_id:
        raise evidence.NotPermitted("Everybody sets up their own passkeys and codes.")


def take_code(*, sign_in: SignIn, given: str) -> str:
    """Use up a code from the authenticator app or a recovery code: "code", "recovery code" or "".

    No code is taken twice, however many come at once.
    """
    now = evidence.clock.now()
    given = "".join(given.split()).replace("-", "").lower()
    app = CodeApp.objects.filter(sign_in=sign_in).first()
    secret = unseal(app.sealed) if app else None
    if app and secret:
        step = totp.step_of(secret, given, at=now, after=app.last_step)
        if step is not None:
            newer = CodeApp.objects.filter(pk=app.pk, last_step__lt=step)
            return "code" if newer.update(last_step=step, used_at=now) else ""
    unused = sign_in.recovery_codes.filter(
        digest=_recovery_digest(sign_in, given), used_at__isnull=True
    )
    return "recovery code" if unused.update(used_at=now) else ""


def use_passkey(*, passkey: Passkey, uses: int) -> bool:
    """Note that it was used. False where the same answer came twice."""
    now = evidence.clock.now()
    same = Passkey.objects.filter(pk=passkey.pk, uses=passkey.uses)
    return bool(same.update(uses=uses, used_at=now))


def _recovery_code() -> str:
    random = evidence.randomness.token_bytes(2 * RECOVERY_CODE_LENGTH)
    pairs = zip(random[::2], random[1::2], strict=True)
    return "".join(ALPHABET[(a * 256 + b) % len(ALPHABET)] for a, b in pairs)


def _recovery_digest(sign_in: SignIn, code: str) -> str:
    return digest("recovery code", f"{sign_in.pk} {code}")


# --- letting in, and ending ----------------------------------------------------------------------


def make_link(*, by: By, sign_in: SignIn) -> str:
    """A link with which the person sets their password, once, within seven days.

    Answers what stands at the end of its address. A link made before no longer works.
    """
    check_own_or_settings(by, sign_in)
    with evidence.act("sign_in.link_made", by=by.actor) as act:
        token = _new_link(sign_in, at=act.recorded_at)
        act.about(sign_in.person.pseudonym)
    return token


def _new_link(sign_in: SignIn, *, at: datetime) -> str:
    token = evidence.randomness.token_bytes(LINK_BYTES).hex()
    sign_in.links.all().delete()
    SignInLink.objects.create(sign_in=sign_in, digest=digest("link", token), until=at + LINK_LASTS)
    return token


def link_of(token: str) -> SignInLink | None:
    """The link, if it still works."""
    return (
        SignInLink.objects.select_related("sign_in__person__identity")
        .filter(
            digest=digest("link", token),
            used_at=None,
            until__gt=evidence.clock.now(),
            sign_in__is_active=True,
        )
        .first()
    )


def use_link(*, by: By, link: SignInLink, password: str) -> SignIn:
    """Set the password the link was made for. It ends every session begun before."""
    sign_in = link.sign_in
    _check_password(sign_in, password)
    with evidence.act("sign_in.password_set", by=by.actor) as act:
        if not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=act.recorded_at):
            raise NotPossible("This link has been used. Ask an administrator for a new one.")
        _set_password(sign_in, password)
        act.about(sign_in.person.pseudonym)
    return sign_in


def change_password(*, by: By, sign_in: SignIn, password: str) -> None:
    """A new password of one's own. It ends every session begun before."""
    check_own(by, sign_in)
    _check_password(sign_in, password)
    with evidence.act("sign_in.password_set", by=by.actor) as act:
        _set_password(sign_in, password)
        act.about(sign_in.person.pseudonym)


def _check_password(sign_in: SignIn, password: str) -> None:
    try:
        validate_password(password, sign_in)
    except ValidationError as weak:
        raise NotPossible(" ".join(weak.messages)) from None


def _set_password(sign_in: SignIn, password: str) -> None:
    sign_in.set_password(password)
    sign_in.save(update_fields=["password"])
    _end_sessions(sign_in)


def end_sessions(*, by: By, sign_in: SignIn) -> None:
    """Sign the person out everywhere, at the next request of each session."""
    check_own_or_settings(by, sign_in)
    with evidence.act("sign_in.ended_everywhere", by=by.actor) as act:
        act.about(sign_in.person.pseudonym)
        sign_in.devices.all().delete()
        _end_sessions(sign_in)


def _end_sessions(sign_in: SignIn) -> None:
    SignIn.objects.filter(pk=sign_in.pk).update(epoch=F("epoch") + 1)
    sign_in.refresh_from_db(fields=["epoch"])


def switch(*, by: By, sign_in: SignIn, on: bool) -> None:
    """Switch a sign-in off, which ends every session of the person at once, or on again."""
    check_may(by, Action.SETTINGS, service=None)
    if by.is_self(sign_in.person_id):
        raise evidence.NotPermitted("Nobody switches off their own sign-in. Ask a colleague.")
    if sign_in.is_active == on:
        raise NotPossible(f"This sign-in is switched {'on' if on else 'off'} already.")
    with evidence.act("sign_in.switched", by=by.actor) as act:
        act.about(sign_in.person.pseudonym)
        act.state(on=on)
        sign_in.is_active = on
        sign_in.save(update_fields=["is_active"])
        _end_sessions(sign_in)


def ask_two_of_all(*, by: By, on: bool) -> None:
    """Ask a second factor of everybody, or only of those whose access role calls for it."""
    check_may(by, Action.SETTINGS, service=None)
    with evidence.act("sign_in.two_of_all", by=by.actor) as act:
        act.state(on=on)
        if not Provider.objects.update(second_factor_for_all=on):
            raise NotPossible("Name your organisation first, under Settings.")
