"""Form fields: what a screen reader needs, and days typed in three boxes."""

import re
from datetime import date

import pytest
from django import forms
from django.template import engines

from surehand.ui.fields import DayInput, describe, problems


class Check(forms.Form):
    seen = forms.DateField(label="When?", help_text="For example, 3 3 2027", widget=DayInput)
    outcome = forms.ChoiceField(
        label="Outcome", widget=forms.RadioSelect, choices=[("p", "Pass"), ("s", "Further support")]
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)


def draw(form: forms.Form) -> str:
    source = (
        '{% from "ui/form.html" import field, form_errors %}'
        "{{ form_errors(form) }}{% for f in form %}{{ field(f) }}{% endfor %}"
    )
    return engines["jinja2"].from_string(source).render({"form": form})


def typed(day: str, month: str, year: str) -> Check:
    return Check({"seen_day": day, "seen_month": month, "seen_year": year, "outcome": "p"})


def test_a_day_typed_in_three_boxes_is_a_date() -> None:
    form = typed("3", "3", "2027")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["seen"] == date(2027, 3, 3)


@pytest.mark.parametrize("boxes", [("31", "2", "2027"), ("x", "3", "2027"), ("3", "", "2027")])
def test_what_is_not_a_date_is_refused_and_stays_in_the_boxes(boxes: tuple[str, str, str]) -> None:
    form = typed(*boxes)
    assert "seen" in form.errors
    html = draw(form)
    for box in boxes:
        assert not box or f'value="{box.zfill(2)}"' in html or f'value="{box}"' in html


def test_no_day_at_all_is_missing() -> None:
    assert "required" in str(typed("", "", "").errors["seen"])


def test_each_error_links_to_a_field_that_is_there_and_says_what_is_wrong() -> None:
    form = Check({})
    html = draw(form)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    links = [address for address, _ in problems(form)]
    assert links == ["#id_seen", "#id_outcome"]
    for link in links:
        assert re.search(rf'<input[^>]* id="{link[1:]}"', html)
    described = re.findall(r'aria-describedby="([^"]+)"', html)
    assert "id_seen-hint id_seen-error" in described
    assert all(each in ids for group in described for each in group.split())


def test_errors_of_the_whole_form_stand_first_and_what_people_type_is_escaped() -> None:
    form = Check({"note": "<script>alert(1)</script>"})
    form.is_valid()
    form.add_error(None, "Nobody checks themselves.")
    assert problems(form)[0] == ("", "Nobody checks themselves.")
    assert "<script>" not in draw(form)


def test_a_widget_without_markup_is_refused_at_once() -> None:
    class Odd(forms.Form):
        when = forms.SplitDateTimeField()

    with pytest.raises(TypeError, match="no way to draw"):
        describe(Odd()["when"])
