"""The provider's own identity provider, by OpenID Connect: authorisation code with PKCE, state and
nonce, all kept and checked by Authlib. Nobody is let in who has no sign-in here already."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from joserfc.errors import JoseError

from surehand.evidence.refusal import NotPossible
from surehand.people.models import SignIn
from surehand.people.web import whole_address

SECONDS_TO_ANSWER = 10
# How long before its answer the provider may have seen the person, when they are asked again.
SEEN_WITHIN_SECONDS = 600
BROKEN = (
    "Signing in there did not work. Try again. If it happens again, tell your administrator when."
)
UNKNOWN = (
    "You are signed in there, but nobody has given you a sign-in here. Ask an administrator of "
    "Surehand."
)
WRONG = (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError, RuntimeError)


@cache
def _client(issuer: str, client: str, secret: str) -> DjangoOAuth2App:
    # Kept, so that what the provider says of itself and its keys is asked for once.
    return DjangoOAuth2App(
        DjangoIntegration("provider"),
        name="provider",
        client_id=client,
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS_TO_ANSWER,
        },
    )


def client() -> DjangoOAuth2App:
    return _client(settings.OIDC_ISSUER, settings.OIDC_CLIENT, settings.OIDC_SECRET)


def ask(request: HttpRequest, *, again: bool) -> HttpResponse:
    """Send the browser there; `again`: the person is to show anew that it is them. Raises
    NotPossible when the provider does not answer."""
    more = {"prompt": "login", "max_age": "0"} if again else {}
    try:
        return client().authorize_redirect(
            request, whole_address(request, "provider-sign-in-back"), **more
        )
    except WRONG as problem:
        raise NotPossible(BROKEN) from problem


def read_answer(request: HttpRequest) -> Mapping[str, Any]:
    """The claims the provider makes, proven: state, code, signature, issuer, audience, nonce, time.
    Raises NotPossible."""
    try:
        token = client().authorize_access_token(
            request, claims_options={"iss": {"essential": True, "value": settings.OIDC_ISSUER}}
        )
        return dict(token["userinfo"])
    except WRONG as problem:
        raise NotPossible(BROKEN) from problem


def sign_in_of(claims: Mapping[str, Any]) -> SignIn:
    """Whose sign-in these claims name. Raises NotPossible: nobody registers themselves."""
    said = str(claims.get(settings.OIDC_CLAIM) or "")
    people = SignIn.objects.filter(is_active=True)
    if settings.OIDC_CLAIM == "email":
        proven = claims.get("email_verified") is not False
        found = people.filter(email__iexact=said).first() if said and proven else None
    else:
        found = people.filter(provider_id=said).first() if said else None
    if found is None:
        raise NotPossible(UNKNOWN)
    return found


def how_of(claims: Mapping[str, Any]) -> str:
    """ "oidc+mfa" where the provider vouches for a second factor that counts here, else "oidc"."""
    amr = claims.get("amr")
    said = {str(claims.get("acr")), *(map(str, amr) if isinstance(amr, list) else ())}
    return "oidc+mfa" if said & settings.OIDC_MFA else "oidc"


def check_seen_now(claims: Mapping[str, Any]) -> None:
    """Whether the provider has just seen the person, by its own clock. Raises NotPossible."""
    seen, said = claims.get("auth_time"), claims.get("iat")
    if not isinstance(seen, int) or not isinstance(said, int) or said - seen > SEEN_WITHIN_SECONDS:
        raise NotPossible(
            f"{settings.OIDC_LABEL.capitalize()} did not ask you again, so this does not count. "
            "Set up a passkey here, or tell your administrator."
        )


def sign_out_address(request: HttpRequest) -> str:
    """Where to sign out at the provider too; empty when it has no such page or does not answer."""
    if not settings.OIDC_ISSUER:
        return ""
    try:
        there = client().load_server_metadata().get("end_session_endpoint", "")
    except WRONG:
        return ""
    back = whole_address(request, "sign-in")
    query = urlencode({"client_id": settings.OIDC_CLIENT, "post_logout_redirect_uri": back})
    return f"{there}?{query}" if there else ""
