"""Names as people type them, on whatever keyboard they have."""

import unicodedata

# Letters that are no accented form of another.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe"}
    | dict.fromkeys("'’‘`-", "")
)


def typed(text: str) -> str:
    """Text as compared in a search: no case, accents, apostrophes or hyphens. “O’Neill, Zoë” is
    “oneill, zoe”."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_LETTERS)
