"""Passkeys: what a browser is asked, and whether what it answers holds (WebAuthn).

Every passkey is made so that it can sign somebody in by itself: it is kept on the device with
their name, and the device checks its owner (a finger, a face, a PIN). That is two factors in one.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from surehand.people.models import Passkey, SignIn

REQUIRED = UserVerificationRequirement.REQUIRED
# What fido2 raises for an answer that is no answer: malformed, incomplete, or not the right one.
WRONG = (
    *(ValueError, TypeError, KeyError, AttributeError, AssertionError),
    *(struct.error, InvalidSignature),
)

Options = dict[str, Any]


class NotThisPasskey(Exception):
    """What the browser answered does not hold."""


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host.partition(":")[0], name="Surehand"))


def _credentials(passkeys: Iterable[Passkey]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(key.credential)) for key in passkeys]


def ask_to_add(sign_in: SignIn, *, host: str) -> tuple[Options, Any]:
    """What the browser is asked to make a passkey, and what to remember until it answers."""
    options, state = _server(host).register_begin(
        PublicKeyCredentialUserEntity(
            id=bytes.fromhex(sign_in.person.pseudonym),
            name=sign_in.email,
            display_name=str(sign_in.person),
        ),
        _credentials(sign_in.passkeys.all()),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
    )
    return dict(_plain(options.public_key)), state


def ask_to_use(*, host: str, passkeys: Iterable[Passkey] = ()) -> tuple[Options, Any]:
    """What the browser is asked to show one of `passkeys`; none: any it has for this address."""
    options, state = _server(host).authenticate_begin(
        _credentials(passkeys) or None, user_verification=REQUIRED
    )
    return dict(_plain(options.public_key)), state


def read_added(answer: object, state: Any, *, host: str) -> tuple[str, bytes, int]:
    """The new passkey's id (base64url), its public half, its count. Raises NotThisPasskey."""
    try:
        made = _server(host).register_complete(state, RegistrationResponse.from_dict(_said(answer)))
        assert made.credential_data is not None
        id = websafe_encode(made.credential_data.credential_id)
        return id, bytes(made.credential_data), made.counter
    except WRONG as problem:
        raise NotThisPasskey from problem


def read_id(answer: object) -> str:
    """Which passkey the browser says it shows. Raises NotThisPasskey."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("rawId"), str):
        raise NotThisPasskey
    return str(answer["rawId"])


def read_used(passkey: Passkey, answer: object, state: Any, *, host: str) -> int:
    """Check that the browser holds `passkey`; its count. Raises NotThisPasskey, also for a count
    that does not grow: then the key has been copied."""
    try:
        response = AuthenticationResponse.from_dict(_said(answer))
        _server(host).authenticate_complete(state, _credentials([passkey]), response)
        uses: int = response.response.authenticator_data.counter
    except WRONG as problem:
        raise NotThisPasskey from problem
    if (uses or passkey.uses) and uses <= passkey.uses:
        raise NotThisPasskey
    return uses


def _said(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise NotThisPasskey
    return answer


def _plain(options: Any) -> Any:
    """The options as JSON: bytes are base64url."""
    if isinstance(options, Mapping):
        return {key: _plain(value) for key, value in options.items() if value is not None}
    if isinstance(options, list | tuple):
        return [_plain(value) for value in options]
    return options
