"""What a script records can be written on the page: the form offers it and says the same."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from surehand.practice.forms import PaperForm, RecordForm
from surehand.practice.models import Attempt, Playing
from surehand.practice.play import Did, play, record_types
from surehand.practice.queries import Going
from surehand.practice.typed import tidied
from tests.practice.scripts import codes, scripts, shipped


def sent(what: dict[str, Any], kinds: dict[str, Any]) -> dict[str, str]:
    """The step as a browser would send it."""
    data = {
        key: str(what[key]) for key in ("section", "task", "text", "links", "time") if key in what
    }
    data |= {"late": "on"} if what.get("late") else {}
    for code, value in what.get("fields", {}).items():
        kind = kinds[code]
        if kind.kind == "date":
            day = date.fromisoformat(value)
            data |= {
                f"f_{code}_{part}": str(getattr(day, part)) for part in ("day", "month", "year")
            }
        elif kind.kind == "choice or text" and value not in kind.options:
            data[f"f_{code}_own"] = value
        elif kind.kind != "link":
            data[f"f_{code}"] = value
    return data


@pytest.mark.parametrize("code", codes())
def test_a_record_of_a_script_can_be_written_on_its_form(code: str) -> None:
    scenario, profile = shipped(code)
    for script in scripts(code):
        for place, step in enumerate(script.steps):
            if step.did != Did.RECORD:
                continue
            before = script.steps[:place]
            going = Going(
                Attempt(mode="practise"),
                Playing(seen_at=datetime(2026, 11, 18, tzinfo=UTC)),
                scenario,
                profile,
                before,
                play(scenario, before, step.at),
            )
            kind = record_types(scenario, profile)[step.what["type"]]
            what = tidied(scenario, profile, step.did, step.what)
            what.pop("paper", None)  # which line is entered stands in the page’s address
            form = RecordForm(
                sent(what, {one.code: one for one in kind.fields}),
                going=going,
                kind=kind,
                about=step.what["about"],
            )
            assert form.is_valid(), (script.name, step.number, form.errors)
            assert tidied(scenario, profile, step.did, form.what()) == what


def test_the_downtime_form_of_a_script_can_be_written_on_its_page() -> None:
    scenario, profile = shipped("S25")
    for script in scripts("S25"):
        for step in (one for one in script.steps if one.did == Did.PAPER):
            going = Going(
                Attempt(mode="practise"),
                Playing(seen_at=datetime(2026, 11, 18, tzinfo=UTC)),
                scenario,
                profile,
                (),
                play(scenario, (), step.at),
            )
            form = PaperForm(
                {k: "on" if v is True else v for k, v in step.what.items()}, going=going
            )
            assert form.is_valid(), (script.name, step.number, form.errors)
            assert tidied(scenario, profile, step.did, form.cleaned_data) == step.what
    assert not PaperForm({"time": "20:30", "about": "joyce"}, going=going).is_valid()
    assert not PaperForm({"time": "8pm", "about": "joyce", "text": "Up."}, going=going).is_valid()
