"""A page to carry away: accessible PDF (PDF/UA-1), made from data by a Typst template.

The same data gives the same bytes: nothing in a document depends on when it was made, unless its
data says so.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.http import HttpResponse
from markupsafe import Markup

from surehand.ui.jinja import BUILT

HERE = Path(__file__).parent
LOOK = HERE / "typst" / "surehand.typ"
FONTS = BUILT / "fonts"


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """The document that `template` draws of `data`, which is all JSON."""
    files = {
        "main": template.read_bytes(),
        "surehand.typ": LOOK.read_bytes(),
        "colours.json": _colours(),
        "glyphs.json": (BUILT / "glyphs.json").read_bytes(),
        "data.json": json.dumps(data).encode(),
    }
    made = typst.compile(  # type: ignore[call-overload]  # its stubs know of one file
        files, font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf", pdf_standards="ua-1"
    )
    assert isinstance(made, bytes)
    return made


@cache
def _colours() -> bytes:
    """The light colours of tokens.json: paper is never dark."""
    pairs = json.loads((HERE / "tokens.json").read_text()).items()
    return json.dumps({name: light for name, (light, _) in pairs}).encode()


def runs(words: str | Markup) -> list[dict[str, Any]]:
    """A sentence with <strong> in it, as runs of plain words: [{"words": …, "strong": …}]."""
    if not isinstance(words, Markup):
        return [{"words": words, "strong": False}]
    found = []
    for n, part in enumerate(words.split("<strong>")):
        strong, _, rest = part.rpartition("</strong>") if n else ("", "", part)
        found += [{"words": Markup(strong).unescape(), "strong": True}] if strong else []
        found += [{"words": Markup(rest).unescape(), "strong": False}] if rest else []
    return found


def response(content: bytes, name: str) -> HttpResponse:
    """The document as a download; `name` without an ending."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )
