"""Settings, in one typed place, from the environment.

Everything has a default that suits one machine and the embedded database; a setting that would be
unsafe in real use is refused at start.
"""

import secrets
from pathlib import Path

from environs import Env

from surehand.ui import worker

env = Env()

SOURCE = Path(__file__).resolve().parents[1]
# Where the embedded database, the signing key and the generated secret live.
DATA: Path = env.path("SUREHAND_DATA", Path.cwd() / "var")

DEMO: bool = env.bool("SUREHAND_DEMO", False)
DEBUG: bool = env.bool("SUREHAND_DEBUG", False)
# How a browser on this machine may call it.
LOCAL = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
ALLOWED_HOSTS: list[str] = env.list("SUREHAND_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("SUREHAND_ORIGINS", [])


def _kept_secret(path: Path) -> str:
    """The secret kept in a file readable by its owner alone; made on first use."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY: str = env.str("SECRET_KEY", "") or _kept_secret(DATA / "secret")
# The key that signs checkpoints lives outside the database.
CHECKPOINT_KEY: Path = env.path("SUREHAND_CHECKPOINT_KEY", DATA / "checkpoint.key")
# What live records say is sealed with a key outside the database, and whom they are about is a
# pseudonym made with another: whoever has the database alone reads neither.
RECORDS_KEY: Path = env.path("SUREHAND_RECORDS_KEY", DATA / "records.key")
SUBJECTS_KEY: Path = env.path("SUREHAND_SUBJECTS_KEY", DATA / "subjects.key")
# Files that wait and rows that were refused, of any import, are sealed with one of their own.
IMPORTS_KEY: Path = env.path("SUREHAND_IMPORTS_KEY", DATA / "imports.key")
# Whom to forget again when a copy is restored: pseudonyms, outside the database.
ERASURES: Path = env.path("SUREHAND_ERASURES", DATA / "erasures")
# The name in the first line of every checkpoint; an outsider pins it together with the public key.
LEDGER_NAME: str = env.str("SUREHAND_LEDGER", "surehand/ledger")

INSTALLED_APPS = [
    "surehand.evidence",  # first: its `migrate` command reinstalls the database guards
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "surehand.ui",
    "surehand.imports",
    "surehand.people",
    "surehand.ecm",
    "surehand.competency",
    "surehand.support",
    "surehand.practice",
    "surehand.records",
    "surehand.assessment",
    "surehand.readiness",
    "surehand.audits",
    "surehand.assurance",
    "surehand.governance",
    "surehand.home",
    "surehand.api",
]

MIDDLEWARE = [
    "surehand.home.middleware.LogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "surehand.api.middleware.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "surehand.ui.tables.TablesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "surehand.people.middleware.ByMiddleware",
    "surehand.home.middleware.RefusalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "surehand.people.signing_in.gate.SignInGateMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "surehand.config.urls"
WSGI_APPLICATION = "surehand.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,  # finds <part>/jinja2/<part>/…
        "OPTIONS": {
            "environment": "surehand.ui.jinja.environment",
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "surehand.home.frame.frame",
            ],
        },
    }
]

# Projectors turn facts into spans; `evidence.act` calls each with the posts touched, in the
# transaction of the fact, so that lower parts never import `readiness` (R2).
PROJECTORS = ["surehand.readiness.projector.project"]
# Whether a permission for supervised use may be given: who is independent and what is needed is
# known to `readiness`, which `support` never imports (R9).
PERMISSION_CHECK = "surehand.readiness.supervised_use.check_permission"
# Kinds of file that can be imported.
IMPORT_KINDS: dict[str, str] = {
    "services": "surehand.people.services_file.KIND",
    "people": "surehand.people.people_file.KIND",
    "attendance": "surehand.support.attendance_file.KIND",
    "attempts": "surehand.practice.attempts_file.KIND",
    "asc-wds": "surehand.support.training_file.KIND",
    "rota": "surehand.readiness.rota_file.KIND",
    "accounts": "surehand.people.accounts_file.KIND",
    "records": "surehand.records.records_file.KIND",
    "alerts": "surehand.records.alerts_file.KIND",
}
# What parts above an import have to say about what it would do, for its preview.
IMPORT_REMARKS = ["surehand.readiness.rota_file.shifts_after_leaving"]

# What `surehand due` does, in this order; each answers sentences on what it did. Done again, or by
# two at once, each thing is done once.
DUE = [
    "surehand.readiness.plan_projection.due",
    "surehand.assessment.group_actions.due",
    "surehand.records.kept_aside_actions.due",
    "surehand.records.screening_run.due",
    "surehand.audits.follow_up_actions.due",
    "surehand.audits.risk_mail.due",
    "surehand.governance.due.clean_files",
    "surehand.governance.due.keep_no_longer",
    "surehand.governance.due.sign",
    "surehand.governance.due.mail_checkpoint",
]


def _databases() -> dict:
    url = env.str("DATABASE_URL", "")
    if url:
        return {"default": _postgres(url)}
    return {
        "default": {
            "ENGINE": "surehand.evidence.sqlite",
            "NAME": env.str("SUREHAND_SQLITE", "") or str(DATA / "surehand.sqlite3"),
            "TEST": {"NAME": ":memory:"},
        }
    }


def _postgres(url: str) -> dict:
    from urllib.parse import parse_qsl, unquote, urlsplit

    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must start with postgresql://; leave it out for SQLite.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        # A dead server or network is noticed within seconds: the gate must answer or refuse.
        "OPTIONS": {"connect_timeout": "3", "tcp_user_timeout": "5000", **query},
    }


DATABASES = _databases()
# The PostgreSQL role the application signs in as where another owns the tables: `migrate` grants it
# what it needs and no more.
APP_ROLE: str = env.str("SUREHAND_APP_ROLE", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTH_USER_MODEL = "people.SignIn"
LOGIN_URL = "sign-in"
CSRF_FAILURE_VIEW = "surehand.home.problems.too_old"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# The provider's own identity provider, by OpenID Connect; without an issuer there is none.
OIDC_ISSUER: str = env.str("SUREHAND_OIDC_ISSUER", "").rstrip("/")
OIDC_CLIENT: str = env.str("SUREHAND_OIDC_CLIENT", "")
OIDC_SECRET: str = env.str("SUREHAND_OIDC_SECRET", "")
OIDC_LABEL: str = env.str("SUREHAND_OIDC_LABEL", "your work account")
# The claim that says who it is: "email", or one that an administrator copies in ("oid", "sub").
OIDC_CLAIM: str = env.str("SUREHAND_OIDC_CLAIM", "email")
# Values of `amr` or `acr` that vouch for a second factor; none: Surehand asks for its own.
OIDC_MFA: frozenset[str] = frozenset(env.list("SUREHAND_OIDC_MFA", []))
# Access roles that sign in there alone, or "everybody"; and the one who still has another way.
OIDC_ONLY: frozenset[str] = frozenset(env.list("SUREHAND_OIDC_ONLY", []))
BREAK_GLASS: str = env.str("SUREHAND_BREAK_GLASS", "")


def _mail(url: str) -> dict[str, object]:
    """Where mail goes out, from smtp://user:password@host:port or smtps://…; empty: nowhere."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    if url and parts.scheme not in {"smtp", "smtps"}:
        raise ValueError(
            "SUREHAND_MAIL must start with smtp:// or smtps://; leave it out for no mail."
        )
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp"
        and parts.hostname not in {"127.0.0.1", "localhost"},
        "EMAIL_TIMEOUT": 10,
    }


globals().update(_mail(env.str("SUREHAND_MAIL", "")))
MAIL: bool = bool(env.str("SUREHAND_MAIL", ""))
DEFAULT_FROM_EMAIL: str = env.str("SUREHAND_MAIL_FROM", "surehand@localhost")

# A tablet is shared between shifts: the session ends when the browser does, and after half an hour
# without a touch.
SESSION_ENGINE = "surehand.people.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
_over_tls = not (DEMO or DEBUG)
SESSION_COOKIE_SECURE = env.bool("SUREHAND_TLS", _over_tls)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
# A proxy before it ends TLS, and says so and who the visitor is in headers of which it lets none of
# others through.
PROXY: bool = env.bool("SUREHAND_PROXY", False)
if PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Sent over TLS alone: browsers that have come once over TLS come by nothing else for a year.
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ADD_HEADERS_FUNCTION = worker.headers

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Each line is one JSON object with nothing in it about a person; plain at a developer's terminal.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": f"surehand.config.logs.{'Plain' if DEMO or DEBUG else 'OneLine'}"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.str("SUREHAND_LOG", "WARNING" if DEMO or DEBUG else "INFO"),
    },
    # Django's own handlers write messages with what they were filled with.
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
# Whoever holds it may read /metrics/; without one there is no such page.
METRICS_TOKEN: str = env.str("SUREHAND_METRICS_TOKEN", "")
