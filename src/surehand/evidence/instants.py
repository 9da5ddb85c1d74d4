"""Moments as whole microseconds, worked out in the database: what rules and spans count in."""

from typing import Any

from django.db.models import BigIntegerField, Func


class Instant(Func):
    """A stored moment as microseconds since 1970 UTC, without making a datetime of each row."""

    output_field = BigIntegerField()

    @property
    def convert_value(self) -> Any:
        # It is a whole number already: no conversion for each of millions of rows.
        return self._convert_value_noop  # type: ignore[attr-defined]

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        # Django writes "YYYY-MM-DD HH:MM:SS" and, where there are any, ".ffffff".
        template = (
            "(unixepoch(substr(%(expressions)s, 1, 19)) * 1000000"
            " + CAST(substr(%(expressions)s, 21) AS INTEGER))"
        )
        sql, parameters = super().as_sql(compiler, connection, template=template, **more)
        return sql, [*parameters, *parameters]

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "(extract(epoch from %(expressions)s) * 1000000)::bigint"
        return super().as_sql(compiler, connection, template=template, **more)
