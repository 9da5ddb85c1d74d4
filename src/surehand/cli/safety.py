"""Settings that would be unsafe in real use, as sentences."""

from urllib.parse import urlsplit

from django.conf import settings

from surehand.people.access import AccessRole

LOCAL = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
SHORTEST_SECRET = 32


def unsafe_settings(host: str = "127.0.0.1") -> list[str]:
    """Why it is not safe to serve at `host` with these settings; empty when it is."""
    elsewhere = host not in LOCAL
    found = []
    if settings.DEBUG:
        found.append(
            "Debugging is on, which shows the inside of the program to everybody. "
            "Remove SUREHAND_DEBUG."
        )
    if settings.DEMO and elsewhere:
        found.append(
            f"Demo mode lets anybody sign in as anybody, so it is not served at {host}. "
            "Remove SUREHAND_DEMO, or serve it at 127.0.0.1."
        )
    if elsewhere and not settings.SESSION_COOKIE_SECURE:
        found.append(
            "Sign-ins would cross the network unprotected. Serve Surehand behind TLS and set "
            "SUREHAND_TLS=1."
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            "SUREHAND_HOSTS allows every name. List the names this installation answers to."
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        found.append(
            f"SECRET_KEY is short. Use at least {SHORTEST_SECRET} random characters, or remove it "
            "and one is made."
        )
    return found + _unsafe_sign_in()


def _unsafe_sign_in() -> list[str]:
    issuer = settings.OIDC_ISSUER
    found = []
    if issuer and not issuer.startswith("https://") and urlsplit(issuer).hostname not in LOCAL:
        found.append("SUREHAND_OIDC_ISSUER must start with https://.")
    if issuer and not (settings.OIDC_CLIENT and settings.OIDC_SECRET):
        found.append(
            "SUREHAND_OIDC_ISSUER needs SUREHAND_OIDC_CLIENT and SUREHAND_OIDC_SECRET too."
        )
    if {"common", "organizations", "consumers"} & set(urlsplit(issuer).path.split("/")):
        found.append(
            "SUREHAND_OIDC_ISSUER lets in accounts of other organisations. Use the address with "
            "the ID of your own tenant."
        )
    if settings.OIDC_ONLY and not (issuer and settings.BREAK_GLASS):
        found.append(
            "SUREHAND_OIDC_ONLY closes every other way in. It needs SUREHAND_OIDC_ISSUER, and "
            "SUREHAND_BREAK_GLASS with the email address of one administrator who keeps another."
        )
    if unknown := settings.OIDC_ONLY - {"everybody", *AccessRole}:
        found.append(
            f"SUREHAND_OIDC_ONLY does not know {', '.join(sorted(unknown))}. Name access roles, "
            "such as administrator or workforce_lead, or everybody."
        )
    return found
