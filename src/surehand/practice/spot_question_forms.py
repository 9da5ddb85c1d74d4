"""A question of spot checks as a form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from surehand.people.roles import JOB_ROLES, RESPONSIBILITIES, SETTINGS
from surehand.practice.pages import capital
from surehand.practice.queries import PlanCompetency
from surehand.practice.spot_questions import Asked, SpotQuestion

ROUTES = {
    "escalation": "(whom to tell, as our ECM profile says)",
    "safeguarding": "(whom to tell of a safeguarding concern, as our ECM profile says)",
}
"""How a point that stands for a route is written on its line."""


def _ticks(
    label: str, choices: Sequence[tuple[str, str]], *, required: bool = False, hint: str = ""
) -> Any:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        choices=choices,
        required=required,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": f"Choose at least one: {label.lower()}"},
    )


class SpotQuestionForm(forms.Form):
    title = forms.CharField(
        label="What it is called",
        max_length=60,
        error_messages={"required": "Say in a few words what it is called"},
    )
    ask = forms.CharField(
        label="The question",
        help_text="As it is said aloud. Write {name} where whoever asks says a name.",
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the question"},
    )
    points = forms.CharField(
        label="What a good answer has",
        help_text="One point on each line, three to five. A line that says "
        f"“{ROUTES['escalation']}” stands for every step of that route.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=1000,
        error_messages={"required": "Write what a good answer has"},
    )
    minutes = forms.IntegerField(
        label="About how many minutes it takes",
        min_value=2,
        max_value=5,
        error_messages={
            "required": "Say how many minutes it takes",
            "min_value": "A spot check takes 2 to 5 minutes",
            "max_value": "A spot check takes 2 to 5 minutes",
        },
    )
    competency = forms.ChoiceField(label="Which competency it is about")
    settings = _ticks(
        "Where it is asked",
        [(code, capital(said)) for code, said in SETTINGS.items()],
        required=True,
    )
    job_roles = _ticks(
        "Job roles that are asked",
        [(one.code, one.title) for one in JOB_ROLES.values()],
        hint="Tick at least one here or below.",
    )
    responsibilities = _ticks(
        "And whoever holds a responsibility",
        [(one.code, one.title) for one in RESPONSIBILITIES.values()],
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        *args: Any,
        plan: Sequence[PlanCompetency],
        question: SpotQuestion | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **{**kwargs, "initial": _initial(question)})
        self.plan, self.question = {one.code: one for one in plan}, question
        choices = [(one.code, f"{one.code} {one.short}") for one in plan]
        self.fields["competency"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not said.get("job_roles") and not said.get("responsibilities"):
            self.add_error(
                "job_roles", "Nobody would be asked; tick a job role or a responsibility"
            )
        return said

    def row(self) -> dict[str, Any]:
        """The question as the document has it, without code and version."""
        said = self.cleaned_data
        held = self.question
        is_same = held is not None and held.competency == said["competency"]
        row = {
            "title": said["title"],
            "ask": said["ask"],
            "job_roles": said["job_roles"],
            "responsibilities": said["responsibilities"],
            "settings": said["settings"],
            "competency": said["competency"],
            "criteria": list(
                held.criteria
                if held is not None and is_same
                else self.plan[said["competency"]].criteria
            ),
            "minutes": said["minutes"],
            "points": _points(said["points"], held.asked if held else ()),
        }
        return {key: value for key, value in row.items() if value != []}

    def note(self, found: Sequence[tuple[tuple[str | int, ...], str]]) -> None:
        """Say beside its field what is wrong with the question."""
        for path, sentence in found:
            names = [part for part in path if part in self.fields]
            self.add_error(str(names[0]) if names else None, sentence)


def _initial(question: SpotQuestion | None) -> dict[str, Any]:
    if question is None:
        return {"seen": 0, "minutes": 2, "settings": list(SETTINGS)}
    return {
        "seen": question.version,
        "title": question.title,
        "ask": question.ask,
        "points": "\n".join(_line(one) for one in question.asked),
        "minutes": question.minutes,
        "competency": question.competency,
        "settings": list(question.settings),
        "job_roles": list(question.job_roles),
        "responsibilities": list(question.responsibilities),
    }


def _line(point: Asked) -> str:
    return point.says or ROUTES[point.route]


def _points(given: str, held: Sequence[Asked]) -> list[dict[str, str]]:
    """One on each line; a line that was not touched keeps its code."""
    known: Mapping[str, Asked] = {_line(one): one for one in held}
    routes = {line: route for route, line in ROUTES.items()}
    found: list[dict[str, str]] = []
    for line in (one for row in given.splitlines() if (one := row.strip())):
        taken = {one["code"] for one in found} | {one.code for one in held}
        code = known[line].code if line in known else _code(line, taken)
        what = {"route": routes[line]} if line in routes else {"says": line}
        found.append({"code": code, **what})
    return found


def _code(line: str, taken: set[str]) -> str:
    slug = "_".join(re.findall("[a-z]+", line.lower())[:2])[:16] or "point"
    every = [slug, *(f"{slug}_{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")]
    return next(code for code in every if code not in taken)
