"""Settings that would be unsafe in real use, as sentences."""

from urllib.parse import urlsplit

from django.conf import settings

from surehand.people.access import AccessRole

SHORTEST_SECRET = 32


def unsafe_settings(host: str = "127.0.0.1") -> list[str]:
    """Why it is not safe to serve at `host` with these settings; empty when it is.

    An installation that answers to names other than this machine's is reached from elsewhere,
    through a proxy, though it listens here.
    """
    elsewhere = bool({host, *settings.ALLOWED_HOSTS} - settings.LOCAL)
    found = []
    if settings.DEBUG:
        found.append(
            "Debugging is on, which shows the inside of the program to everybody. "
            "Remove SUREHAND_DEBUG."
        )
    if settings.DEMO and elsewhere:
        found.append(
            "Demo mode lets anybody sign in as anybody, so it is served on this machine alone. "
            "Remove SUREHAND_DEMO, or serve it at 127.0.0.1 and without SUREHAND_HOSTS."
        )
    if elsewhere and not settings.SESSION_COOKIE_SECURE:
        found.append(
            "Sign-ins would cross the network unprotected. Serve Surehand behind TLS and set "
            "SUREHAND_TLS=1."
        )
    if host not in settings.LOCAL and not set(settings.ALLOWED_HOSTS) - settings.LOCAL:
        found.append(
            f"It would listen at {host} and refuse every visitor: set SUREHAND_HOSTS to the name "
            "people use."
        )
    if any(not origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS):
        found.append("SUREHAND_ORIGINS names an address without TLS. Write each with https://.")
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            "SUREHAND_HOSTS allows every name. List the names this installation answers to."
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        found.append(
            f"SECRET_KEY is short. Use at least {SHORTEST_SECRET} random characters, or remove it "
            "and one is made."
        )
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < SHORTEST_SECRET:
        found.append(f"SUREHAND_METRICS_TOKEN is short. Use at least {SHORTEST_SECRET} characters.")
    found += [
        f"{path} can be read by everybody on this machine. Run chmod o-rwx {path}."
        for path in (settings.DATA, settings.CHECKPOINT_KEY)
        if not settings.DEMO and path.exists() and path.stat().st_mode & 0o007
    ]
    return found + _unsafe_sign_in()


def _unsafe_sign_in() -> list[str]:
    issuer = settings.OIDC_ISSUER
    found = []
    if (
        issuer
        and not issuer.startswith("https://")
        and urlsplit(issuer).hostname not in settings.LOCAL
    ):
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
