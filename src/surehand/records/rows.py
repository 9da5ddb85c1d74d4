"""A row of the ECM system that was screened: a record, or an alert that rang."""

from dataclasses import dataclass
from datetime import datetime

from surehand.people.models import Service
from surehand.records.authors import Author, author_of
from surehand.records.models import LiveRecord, RaisedAlert


@dataclass(frozen=True)
class Row:
    """What answers name: the row’s own id and version, where it was and who made it."""

    record: LiveRecord | None = None
    alert: RaisedAlert | None = None

    @property
    def id(self) -> str:
        return self.record.record_id if self.record else self._alert.alert_id

    @property
    def version(self) -> int:
        return self.record.version if self.record else 1

    @property
    def service(self) -> Service:
        return (self.record or self._alert).service

    @property
    def account_id(self) -> int | None:
        """The account that made the record, or took the alert."""
        return self.record.account_id if self.record else self._alert.acknowledged_by_id

    @property
    def at(self) -> datetime:
        """When the record was made, or the alert rang (UTC)."""
        return self.record.recorded_at if self.record else self._alert.raised_at

    @property
    def made_at(self) -> datetime:
        """When the record was made, or the alert was taken (UTC): then it is asked whose the
        account was."""
        if self.record:
            return self.record.recorded_at
        return self._alert.acknowledged_at or self._alert.raised_at

    @property
    def _alert(self) -> RaisedAlert:
        assert self.alert is not None
        return self.alert

    def author(self) -> Author | None:
        """Who made the record, or took the alert; None for an alert that nobody took."""
        return author_of(self.account_id, self.made_at)

    def filter(self) -> dict[str, object]:
        """How its `Screened` is found."""
        return {"record": self.record} if self.record else {"alert": self.alert}
