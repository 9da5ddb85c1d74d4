"""Django's `migrate`, with the guards lifted while it runs and put back afterwards.

On SQLite Django changes a table by making a new one, which silently drops the old one's triggers.
On PostgreSQL the application's role is granted what it may do with each table.
"""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from surehand.evidence import guards


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with guards.lifted():
                super().handle(*args, **options)
        finally:
            # Also after a migration that failed half way.
            if not (options.get("plan") or options.get("check_unapplied")):
                guards.install(using=options["database"])
                if settings.APP_ROLE:
                    guards.grant(role=settings.APP_ROLE, using=options["database"])
