"""The template environment: strict, escaping, with the formats, icons and addresses pages need."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from surehand.ui import fields, formats, strip, tables
from surehand.ui.states import CELLS, LEGEND, STATES

BUILT = Path(__file__).parent / "static" / "built"


@cache
def icons() -> dict[str, str]:
    """The inside of every lucide icon there is here, as SVG, by name."""
    try:
        return json.loads((BUILT / "icons.json").read_text())
    except FileNotFoundError:
        raise RuntimeError("The page assets are not built yet. Run `make assets`.") from None


@cache
def icon(name: str, size: str = "") -> Markup:
    """The lucide icon as inline SVG, hidden from screen readers: the word beside it speaks.

    `size` is "", "small" (16 px) or "large" (24 px). Raises LookupError for a name that is not in
    ui/icons.txt.
    """
    try:
        inside = icons()[name]
    except KeyError:
        raise LookupError(
            f"There is no icon “{name}”. Add it to ui/icons.txt and run `make assets`."
        ) from None
    classes = f"sh-icon sh-icon--{size}" if size else "sh-icon"
    return Markup(
        f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f"{inside}</svg>"
    )


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page: `url("person", person_id=p.id)`."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def environment(**options: Any) -> Environment:
    """The Jinja environment Django's template backend asks for. An undefined name is an error."""
    options |= {
        "undefined": StrictUndefined,
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "extensions": [*options.get("extensions", ()), "jinja2.ext.i18n"],
    }
    env = Environment(**options)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True
    )
    env.globals.update(
        url=url,
        static=static,
        icon=icon,
        states=STATES,
        cells=CELLS,
        legend_of_cells=LEGEND,
        describe_field=fields.describe,
        problems=fields.problems,
        carried=tables.carried,
        place=strip.place,
        widths_of=strip.widths_of,
    )
    for name in (
        "day",
        "short_day",
        "weekday",
        "month",
        "time",
        "moment",
        "iso",
        "number",
        "plural",
        "initials",
    ):
        env.filters[name] = getattr(formats, name)
    return env
