"""Sessions in the database that are not written anew for every page.

A session lives half an hour from the last touch. Writing that down once a minute is enough, and a
page that only looks then needs no write lock: on SQLite it would wait for whoever holds it, such as
an import of a hundred thousand rows.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.db import OperationalError, transaction
from django.utils import timezone

TOUCHED_ENOUGH = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    _kept_until: datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        return db.SessionStore.get_model_class()

    def _get_session_from_db(self) -> Any:
        session = super()._get_session_from_db()  # type: ignore[misc]
        if session is not None:
            self._kept_until = session.expire_date
        return session

    def save(self, must_create: bool = False) -> None:
        only_touched = self._kept_until is not None and not self.modified and not must_create
        if only_touched and self._kept_until:
            ends = timezone.now() + timedelta(seconds=self.get_session_cookie_age())
            if ends - self._kept_until < TOUCHED_ENOUGH:
                return
        try:
            with transaction.atomic():
                super().save(must_create)
        except OperationalError:
            if not only_touched:
                raise
