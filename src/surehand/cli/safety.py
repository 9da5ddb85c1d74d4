"""Settings that would be unsafe in real use, as sentences."""

from django.conf import settings

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
    return found
