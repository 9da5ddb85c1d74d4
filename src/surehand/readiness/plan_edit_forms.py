"""The answers asked for in writing a plan. How long a text may be, and what fits what, is for
`plan_edits` to say; these know what must be answered."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from surehand.competency.plan_document import PlanDocument
from surehand.competency.plan_edits import METHODS
from surehand.competency.rules import Level
from surehand.competency.themes import THEMES
from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from surehand.readiness.plan_pages import LEVELS

METHOD_CHOICES = {
    "practice": "In the practice system",
    "live": "Seen in live use",
    "discussion": "By discussion",
}
NOT_NEEDED = "none"


def _choices(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField | forms.MultipleChoiceField)
    field.choices = choices


def _line(label: str, missing: str, *, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, error_messages={"required": missing})


def _lines(label: str, missing: str, *, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing},
    )


def _months(label: str, *, hint: str = "", required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Enter a number of months",
            "invalid": "Enter the months as a whole number, like 12",
        },
    )


class PlanTitleForm(forms.Form):
    title = _line("Title of the plan", "Enter the title of the plan")


class GroupForm(forms.Form):
    name = _line(
        "Name of the group",
        "Enter the name of the group",
        hint="A heading over some competencies, in the plan and in the matrix.",
    )


class NewCompetencyForm(forms.Form):
    can = _line(
        "I can …",
        "Enter what they can do",
        hint="What somebody says who can do it, such as “write a note only this person could have "
        "today”.",
    )
    short = _line(
        "Short name", "Enter a short name", hint="For a column of the matrix, such as “Daily note”."
    )
    group = forms.ChoiceField(label="Group", widget=forms.RadioSelect)
    code = _line(
        "Code", "Enter a code", hint="Capital letters and figures. It cannot be changed later."
    )
    criterion = _lines(
        "The first thing that is judged",
        "Enter what is judged, in one sentence",
        hint="What the assessor must see. You add the others next.",
    )
    critical = forms.BooleanField(
        label="It is critical: if it is missed, further support is required", required=False
    )

    def __init__(self, *args: Any, document: PlanDocument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "group", [(group, group) for group in document.groups])
        self.fields["group"].error_messages["required"] = "Choose a group"


class WordingForm(forms.Form):
    can = _line("In the words of the person", "Enter what they can do", hint="“I can …”")
    title = _line("Title", "Enter the title", hint="The same as an instruction.")
    short = _line("Short name", "Enter a short name", hint="For a column of the matrix.")
    group = forms.ChoiceField(
        label="Group", widget=forms.RadioSelect, error_messages={"required": "Choose a group"}
    )
    themes = forms.MultipleChoiceField(
        label="Training themes",
        help_text="What a gap in a record may say about this competency.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, document: PlanDocument, themes: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "group", [(group, group) for group in document.groups])
        named = {code: f"{code} {theme.title}" for code, theme in THEMES.items()}
        named |= {code: code for code in themes if code not in named}
        _choices(self, "themes", list(named.items()))


class CheckForm(forms.Form):
    methods = forms.MultipleChoiceField(
        label="How may it be shown?",
        help_text="Any one of these will do.",
        choices=[(method, METHOD_CHOICES[method]) for method in METHODS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one way to check it"},
    )
    needs_discussion = forms.BooleanField(label="And a discussion as well", required=False)
    validity_months = _months("For how many months does a pass last?")
    agency_months = _months(
        "For how many months does it count in an agency post?",
        hint="Leave it empty where agency posts do not need this competency.",
        required=False,
    )


class CriterionForm(forms.Form):
    text = _lines(
        "What is judged",
        "Enter what is judged, in one sentence",
        hint="What the assessor must see, such as “Writes what the person did, said and felt.”",
    )
    critical = forms.BooleanField(
        label="It is critical: if it is missed, further support is required", required=False
    )


class _OneOfTwo(forms.MultipleChoiceField):
    """Job roles, or responsibilities: at least one of the two, so neither is called optional."""

    def validate(self, value: list[str]) -> None:
        if value:
            super().validate(value)


class WhomForm(forms.Form):
    """The people a requirement or a course is for."""

    job_roles = _OneOfTwo(
        label="Job roles",
        choices=[(code, role.title) for code, role in JOB_ROLES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    responsibilities = _OneOfTwo(
        label="Responsibilities",
        help_text="Whoever holds one of these, whatever their job role.",
        choices=[(code, held.title) for code, held in RESPONSIBILITIES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    settings = forms.MultipleChoiceField(
        label="Care settings",
        choices=[(code, name[:1].upper() + name[1:]) for code, name in SETTINGS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one care setting"},
    )
    agency = forms.BooleanField(label="Agency posts too", required=False)


class NeedsForm(WhomForm):
    level = forms.ChoiceField(
        label="How much do they need it?",
        choices=[
            *((level.value, LEVELS[level]) for level in (Level.CRIT, Level.CORE, Level.USE)),
            (NOT_NEEDED, "Not at all"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how much they need it"},
    )
    field_order = ["job_roles", "responsibilities", "settings", "level", "agency"]

    @property
    def level_chosen(self) -> Level | None:
        level = self.cleaned_data["level"]
        return None if level == NOT_NEEDED else Level(level)


class CourseForm(WhomForm):
    code = _line(
        "Code",
        "Enter the code of the course",
        hint="As in the attendance file, in capital letters, figures and hyphens. It cannot be "
        "changed later.",
    )
    title = _line("Title", "Enter the title of the course")
    renewal_months = _months(
        "To be attended again after how many months?",
        hint="Leave it empty where attending once is enough.",
        required=False,
    )
    field_order = [
        "title",
        "code",
        "renewal_months",
        "job_roles",
        "responsibilities",
        "settings",
        "agency",
    ]

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["code"]


def now_says(form: forms.Form) -> list[tuple[str, str]]:
    """The answers typed that differ from what the draft says: each label with what it says now."""
    return [
        (
            str(form.fields[name].label),
            _shown(form.fields[name], form.get_initial_for_field(form.fields[name], name)),
        )
        for name in form.changed_data
    ]


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return "ticked" if value else "not ticked"
    if isinstance(field, forms.ChoiceField):
        chosen = value if isinstance(value, list | tuple) else [value]
        offered: Iterable[Any] = field.choices  # type: ignore[assignment]
        words = [str(text) for code, text in offered if code in chosen]
        return ", ".join(words) or "nothing"
    return "nothing" if value in (None, "") else str(value)
