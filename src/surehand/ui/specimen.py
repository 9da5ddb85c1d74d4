"""Everything ui draws, filled with made-up people: for the component page and its tests."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator

from surehand.ui import chart
from surehand.ui.fields import DayInput
from surehand.ui.formats import LONDON
from surehand.ui.page import Frame, Link, Page, User
from surehand.ui.strip import Event, Stretch, Strip, strip

NOW = datetime(2026, 11, 18, 8, 12, tzinfo=LONDON)


def at(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LONDON)


class SpecimenForm(forms.Form):
    supervisor = forms.ChoiceField(
        label="Supervisor",
        help_text="Only people on the same shift who may supervise.",
        choices=[("", "Choose a person"), ("go", "Grace Okonkwo"), ("mi", "Mohammed Iqbal")],
        error_messages={"required": "Choose who will supervise on 18 November"},
    )
    happened = forms.DateField(
        label="When did you watch?", help_text="For example, 18 11 2026", widget=DayInput
    )
    outcome = forms.ChoiceField(
        label="Outcome",
        widget=forms.RadioSelect,
        choices=[
            ("pass", "Pass"),
            ("partial", "Partial pass"),
            ("support", "Further support required"),
        ],
    )
    barriers = forms.MultipleChoiceField(
        label="What got in the way?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("slow", "The system was slow"), ("login", "Could not sign in")],
    )
    prompts = forms.IntegerField(label="Prompts given", min_value=0, max_value=9)
    email = forms.EmailField(label="Email", required=False)
    note = forms.CharField(label="What did you see?", widget=forms.Textarea(attrs={"rows": 4}))
    rota = forms.FileField(label="Rota file", help_text="CSV, XLSX or .ics", required=False)
    agreed = forms.BooleanField(label="We have talked about this")
    place = forms.CharField(widget=forms.HiddenInput, initial="heron", required=False)

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("Nobody can supervise their own check.")


def readiness() -> Strip:
    return strip(
        start=at(9, 1),
        end=at(2, 1, year=2027),
        now=NOW,
        stretches=[
            Stretch("not_ready", at(9, 7), at(9, 28), detail="from 7 September"),
            Stretch("supervised", at(9, 28), at(10, 12), detail="2 weeks"),
            Stretch("awaiting_sign_off", at(10, 12), at(10, 16), detail="12 to 16 October"),
            Stretch("independent", at(10, 16), at(11, 12), detail="16 October to 12 November"),
            Stretch("restricted", at(11, 12), at(11, 16), detail="12 to 16 November"),
            Stretch("supervised", at(11, 16), at(12, 1), detail="to 30 November"),
            Stretch(
                "not_ready",
                at(12, 1),
                None,
                detail="from 1 December, unless she passes a re-check before",
                future=True,
            ),
        ],
        events=[
            Event(at(9, 28), "graduation-cap", "Classroom day"),
            Event(at(10, 16), "pen-line", "Signed off"),
            Event(at(11, 12), "clipboard-x", "Failed check"),
            Event(at(12, 1), "hourglass", "Supervision ends"),
        ],
    )


def competency() -> Strip:
    return strip(
        start=at(9, 1),
        end=at(2, 1, year=2027),
        now=NOW,
        stretches=[
            Stretch("not_ready", at(9, 7), at(10, 9)),
            Stretch("independent", at(10, 9), at(11, 12)),
            Stretch("restricted", at(11, 12), at(11, 16)),
            Stretch("supervised", at(11, 16), at(12, 1)),
        ],
    )


def frame() -> Frame:
    nav = ["Home", "People", "Matrix", "Live use", "Support", "Records", "Governance", "Evidence"]
    return Frame(
        organisation="Marram Care Group",
        home="#",
        nav=tuple(Link(text, "#", text == "Home") for text in nav),
        user=User(
            "Ruth Adeyemi",
            "Registered manager",
            (Link("What is held about me", "#", icon="file-search"),),
        ),
        service="Fenside House",
        services=(Link("Fenside House", "#", True), Link("Saltmarsh Lodge", "#")),
        search="#",
        stuck="#",
        sign_out="#",
        footer=tuple(
            Link(text, "#")
            for text in ("What is held about me", "Accessibility", "Privacy", "Help")
        ),
        evidence="Evidence checked today at 07:00 · 48,211 entries",
        evidence_href="#",
    )


PEOPLE = [
    (
        "Kwame Boateng",
        "Care worker, agency",
        "not_ready",
        "6 of 10 competencies not shown yet.",
        True,
    ),
    (
        "Daniela Popescu",
        "Care worker",
        "supervised",
        "Allowed only with Priya Nair, who is not on this shift.",
        True,
    ),
    (
        "Grace Okonkwo",
        "Nurse in charge",
        "independent",
        "Signed off on 29 October. Lasts until 28 April 2027.",
        False,
    ),
    (
        "Mohammed Iqbal",
        "Senior care worker",
        "independent",
        "Signed off on 2 November. Can supervise.",
        False,
    ),
]
COMPETENCIES = [
    ("Record", ["Daily note", "Food and fluid", "Body map", "Handover note"]),
    ("Escalate", ["Incident report", "Escalate a risk", "Safe-guarding"]),
    ("Respond", ["Finish tasks", "Bed-exit alert", "Fall alert", "Medicine prompt"]),
]
MATRIX = [
    ("Callum Whitfield", "independent", "held " * 11),
    ("Tomasz Wrona", "awaiting_sign_off", "held " * 9 + "passed passed"),
    ("Ben Carrow", "restricted", "held held held held failed none held held held failed none"),
    ("Daniela Popescu", "supervised", "held held held held with none held held held with none"),
    ("Ellie Fenn", "not_ready", "held held todo todo partly none todo partly todo todo none"),
    ("Megan Pryce", "independent", "held held held held held none held held held soon none"),
]
BOARD = [
    (
        "Kwame Boateng",
        "Care worker, agency",
        {0: ("not_ready", "N", True), 4: ("not_ready", "N", True)},
    ),
    (
        "Daniela Popescu",
        "Care worker",
        {
            0: ("supervised", "N", True),
            1: ("supervised", "N", False),
            5: ("supervised", "N", False),
        },
    ),
    ("Ben Carrow", "Care worker", {3: ("restricted", "N", True), 4: ("restricted", "N", True)}),
    ("Chipo Moyo", "Care worker", {0: ("independent", "N", False), 2: ("independent", "N", False)}),
    (
        "Joy Mutasa",
        "Senior care worker",
        {0: ("awaiting_sign_off", "E", True), 2: ("awaiting_sign_off", "L", True)},
    ),
    ("Ellie Fenn", "Care worker, new", {0: ("", "S", False), 1: ("", "S", False)}),
]


def late_entries() -> chart.TimeChart:
    values = (12.1, 11.3, 13, 12.4, 11.6, 17, 12.2, 10.3, 9.4, 8.6, 7.9)
    kinds = ["usual"] * 5 + ["concern", "usual"] + ["improvement"] * 4
    weeks = [at(8, 31).date() + timedelta(weeks=n) for n in range(len(values))]
    drawn = [chart.Value(*each) for each in zip(weeks, values, kinds, strict=True)]
    lines = {"Upper limit": 14.9, "Average": 12.3, "Lower limit": 9.7, "Target": 7.0}
    as_drawn = {"Average": "mean", "Target": "target"}
    return chart.time_chart(
        drawn,
        key="late",
        title="Late entries: something changed, for the better",
        description="In every 100 records, by week.",
        levels=[
            chart.Level(text, as_drawn.get(text, "limit"), [value] * len(values))
            for text, value in lines.items()
        ],
        happened=[chart.Happened(at(10, 14).date(), "Refresher: recording on shift")],
    )


def context(theme: str = "") -> dict[str, Any]:
    """All the component page needs; `theme` is "", "light" or "dark"."""
    form = SpecimenForm(
        {"place": "heron", "happened_day": "31", "happened_month": "2", "happened_year": "2026"}
    )
    return {
        "theme": theme,
        "frame": frame(),
        "page": Page(
            question="Good morning, Ruth",
            lede="Three things need you today and three this week. Nothing is overdue.",
            over="Wednesday 18 November 2026, 08:12",
            crumbs=(Link("People", "#"), Link("Fenside House", "#"), Link("Heron", "#")),
        ),
        "Link": Link,
        "now": NOW,
        "form": form,
        "clean": SpecimenForm(
            initial={"happened": NOW.date(), "outcome": "partial"}, auto_id="c_%s"
        ),
        "strip_view": readiness(),
        "lane_view": competency(),
        "counts": {
            "independent": 33,
            "awaiting_sign_off": 4,
            "supervised": 4,
            "not_ready": 4,
            "restricted": 1,
        },
        "people": PEOPLE,
        "competencies": COMPETENCIES,
        "matrix": [(name, state, kinds.split()) for name, state, kinds in MATRIX],
        "board": BOARD,
        "days": [
            ("Today", "18 Nov"),
            ("Thu", "19"),
            ("Fri", "20"),
            ("Sat", "21"),
            ("Sun", "22"),
            ("Mon", "23"),
            ("Tue", "24"),
        ],
        "listed": Paginator(range(180), 20).page(3),
        "chart": late_entries(),
        "pair_view": chart.pairs([(chart.Range(11, 14, 17.5), chart.Range(5.5, 7.9, 10.5))]),
        "heat": [(chart.heat(n), n) for n in (1, 4, 7, 10, 14)],
        "heat_legend": chart.heat_legend(),
    }
