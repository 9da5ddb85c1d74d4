"""The look is our own, and a page loads nothing from anywhere else (experience.md, “Look”)."""

import json
import re
from pathlib import Path

import pytest
from django.template import engines
from jinja2 import UndefinedError

from surehand.ui import jinja, specimen

UI = Path(jinja.__file__).parent
SOURCE = UI.parent
TEMPLATES = sorted(SOURCE.glob("*/jinja2/**/*.html"))
BUILT = jinja.BUILT
NHS_COLOURS = {"005eb8", "003087", "0072ce", "41b6e6", "00a9ce", "002f5c", "330072", "7c2855"}

built = pytest.mark.skipif(not BUILT.exists(), reason="run `make assets` first")


@built
def test_the_built_css_carries_no_name_typeface_or_colour_of_the_nhs() -> None:
    css = (BUILT / "surehand.css").read_text().lower()
    # The class names of the open design system's markup are all that may remain.
    assert "nhs" not in re.sub(r"\bnhsuk-", "", css)
    assert "frutiger" not in css
    assert not {colour for colour in NHS_COLOURS if colour in css}


@built
def test_css_and_templates_load_nothing_from_another_host() -> None:
    assert not re.search(r"url\(\s*[\"']?(https?:)?//", (BUILT / "surehand.css").read_text())
    for template in TEMPLATES:
        loads = re.findall(
            r"(?:src|srcset|href|action)\s*=\s*[\"'](?:https?:)?//", template.read_text()
        )
        links = re.findall(r"<a [^>]*href=[\"']https?://", template.read_text())
        assert len(loads) == len(links), template


def test_templates_have_no_inline_style_or_script() -> None:
    """The content policy is 'self' alone: the browser would drop them without a word."""
    for template in TEMPLATES:
        text = template.read_text()
        assert not re.search(r"\sstyle\s*=", text), template
        assert not re.search(r"<style|\son[a-z]+\s*=\s*[\"']|javascript:", text), template
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), template


@built
def test_every_icon_named_in_a_template_is_built() -> None:
    icons = json.loads((BUILT / "icons.json").read_text())
    for template in TEMPLATES:
        named = re.findall(r"\bicon(?:_name)?[=(]\s*\"([a-z0-9-]+)\"", template.read_text())
        assert not set(named) - set(icons), template


@built
def test_an_unknown_icon_fails_and_says_what_to_do() -> None:
    with pytest.raises(LookupError, match=r"icons\.txt"):
        jinja.icon("no-such-icon")


def test_an_undefined_name_in_a_template_is_an_error_and_text_is_escaped() -> None:
    engine = engines["jinja2"]
    with pytest.raises(UndefinedError):
        engine.from_string("{{ nobody }}").render({})
    assert engine.from_string("{{ name }}").render({"name": "<b>"}) == "&lt;b&gt;"


@built
def test_five_states_are_told_by_word_and_icon_not_by_colour_alone() -> None:
    source = (
        '{% from "ui/tag.html" import state_tag %}'
        "{% for s in states %}{{ state_tag(s) }}{% endfor %}"
    )
    html = engines["jinja2"].from_string(source).render({})
    for word in ("Independent", "Awaiting sign-off", "Supervised", "Not ready", "Restricted"):
        assert word in html
    assert html.count("<svg") == 5


def _light(hex_: str) -> float:
    parts = [int(hex_[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_what_they_stand_on(mode: int) -> None:
    """WCAG 1.4.3: text 4.5 to 1."""
    tokens = {k: v[mode] for k, v in json.loads((UI / "tokens.json").read_text()).items()}
    pairs = [("ink", "sunk"), ("ink-2", "sunk"), ("link", "sunk"), ("button-ink", "button")]
    pairs += [("error", "ground"), ("accent-ink", "accent-wash"), ("on-fill", "restricted-fill")]
    pairs += [("on-brand", "brand-deep"), ("on-brand-2", "brand-deep"), ("focus-ink", "focus")]
    pairs += [(f"{s}-ink", f"{s}-wash") for s in jinja.STATES]
    for ink, ground in pairs:
        high, low = sorted((_light(tokens[ink]), _light(tokens[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


@built
def test_the_component_page_has_one_heading_and_no_id_twice() -> None:
    html = engines["jinja2"].get_template("ui/components.html").render(specimen.context())
    assert html.count("<h1") == 1
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'\bfor="([^"]+)"', html):
        assert target in ids
