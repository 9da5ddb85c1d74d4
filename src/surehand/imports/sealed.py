"""What waits or was refused, sealed: it may name anybody and say what a record says.

The key is a file outside the database. Without it, what was sealed reads as nothing: a file waits
for a day and refused rows for a week, so there is nothing to put back.
"""

import json
from typing import Any

from django.conf import settings
from django.db import models

from surehand.evidence.sealed import Unreadable, opened, sealing


class Sealed(models.BinaryField):
    """Bytes that stand sealed in the database and are plain in Python."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        content = self._written(super().get_prep_value(value))
        return sealing(settings.IMPORTS_KEY)(content) if content else b""

    def from_db_value(self, value: Any, *_: Any) -> Any:
        try:
            return self._read(opened(value, settings.IMPORTS_KEY)) if value else self.get_default()
        except Unreadable:
            return self.get_default()

    def get_default(self) -> Any:
        if not self.has_default():
            return b""
        return self.default() if callable(self.default) else self.default

    def _written(self, value: Any) -> bytes:
        return bytes(value)

    def _read(self, content: bytes) -> Any:
        return content


class SealedJSON(Sealed):
    """Likewise for what JSON can say; it needs a `default`, which is what nothing reads as."""

    def _written(self, value: Any) -> bytes:
        return json.dumps(value).encode() if value else b""

    def _read(self, content: bytes) -> Any:
        return json.loads(content)
