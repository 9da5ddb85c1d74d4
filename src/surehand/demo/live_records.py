"""What staff of Alder House and Quayside Court wrote in the live system, and the alerts that rang:
brought in each Monday, as an export of the ECM system, with whose its accounts are.

Told in it: Alder's nights enter late in their first two weeks; at Quayside turns lack the skin
field in week 7 and less so since; Tomasz writes nine records on a Saturday night without being
cleared; one account is shared, one is nobody's we know, and a few rows are kept aside.

Drawn from generators of their own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from surehand.demo import cast, rotas
from surehand.demo.cast import ADMINISTRATOR, Member
from surehand.demo.stage import LONDON, at

if TYPE_CHECKING:
    from surehand.demo.story import Story

QUALITY_LEAD = "H4"
SHARED, NOBODYS = "alder.nights", "qc.temp2"
# (home, first week, last week, records on an ordinary day)
LIVE = (("ALDER", 1, 8, 15), ("QUAYSIDE", 7, 8, 34))
# Who writes as everybody does is told apart from those the story says something of.
TOLD_APART = {"Jo Hartley", "Brian Oakes", "Tomasz Zieliński", "Marlon Grant"}

RECORDS = (
    "record_id", "service_id", "subject_id", "subject_name", "author_id", "record_type", "section",
    "occurred_at", "recorded_at", "text", "fields", "responds_to",
)  # fmt: skip
ALERTS = (
    "alert_id", "service_id", "subject_id", "alert_type", "raised_at", "acknowledged_at",
    "acknowledged_by", "closed_at", "response_record_id",
)  # fmt: skip
Cells = tuple[str, ...]

RESIDENTS = {
    "ALDER": (
        "Gwen Price", "Harold Finch", "Joyce Tilley", "Arthur Bell", "Doris Hale", "Stan Rowe",
        "Edna Marsh", "Cyril Webb", "Mavis Long", "Ron Archer", "Irene Cole", "Percy Shaw",
        "Vera Holt", "Bert Lacey", "Hilda Crane", "George Pike", "Nora Beck", "Walter Dunn",
    ),
    "QUAYSIDE": (
        "Ivy Carter", "Leonard Hope", "Betty Sloan", "Frank Moody", "Olive Garner", "Jack Reeve",
        "Ada Thorne", "Wilf Barker", "Elsie Nunn", "Sid Palmer", "Rose Tranter", "Alf Greaves",
        "Peggy Lowe", "Norman Fry", "May Holden",
    ),
}  # fmt: skip
# Section → what is told, with what differs from day to day.
DAY_NOTES = {
    "food": "{name} chose {dish} and ate {much}. Drank {drink} with it.",
    "personal": "{name} {wash}. Chose the {colour} cardigan and {hair}.",
    "mobility": "Walked to {place} with {aid}, {steps}.",
    "activity": "{name} {did}. Said it was {like}.",
    "family": "{who} {came}. They {together}.",
    "continence": "Helped {name} to the toilet {times}. Skin dry, fresh pad on.",
}
NIGHT_NOTES = {
    "sleep": "{name} {slept}. Checked at {hour}: {found}.",
    "continence": "Helped {name} to the toilet at {hour}. Back in bed, bell in reach.",
    "skin": "Looked at {name}’s heels and sacrum: {skin}. Turned onto the {side}.",
}
WORDS = {
    "dish": ("fish pie", "porridge", "egg on toast", "shepherd’s pie", "soup and a roll", "curry"),
    "much": ("all of it", "about half", "most of it", "three mouthfuls", "the lot"),
    "drink": ("a mug of tea", "two glasses of squash", "200 ml of water", "a milky coffee"),
    "wash": ("had a wash at the sink", "had a shower", "washed with one of us", "had a bath"),
    "colour": ("blue", "green", "grey", "red"),
    "hair": ("combed their own hair", "wanted it set", "asked for lipstick", "shaved himself"),
    "place": ("the lounge", "the dining room", "the garden door", "the hairdresser"),
    "aid": ("the frame", "a stick and one of us", "the frame and one of us beside"),
    "steps": ("steady today", "two rests on the way", "a little slower than yesterday"),
    "did": ("did the crossword", "sang with the group", "potted geraniums", "watched the cricket"),
    "like": ("grand", "better than bingo", "a bit loud", "just the thing"),
    "who": ("Her daughter", "A grandson", "The vicar", "A neighbour from before"),
    "came": ("came after lunch", "rang at four", "stayed for tea", "brought photographs"),
    "together": ("looked at the old house", "laughed about the dog", "planned the birthday"),
    "times": ("after breakfast", "before lunch", "twice this morning", "after the film"),
    "slept": ("slept well", "was awake until one", "dozed in the chair first", "woke twice"),
    "hour": ("23:10", "00:40", "02:15", "03:50", "05:20"),
    "found": ("asleep, breathing easily", "awake and wanted tea", "warm and settled"),
    "skin": ("pink and blanching", "no marks", "a little dry, cream on"),
    "side": ("left", "right"),
}  # fmt: skip
# What is told besides, put together of a beginning and an end.
BESIDES = (
    (
        "Told me about the bakery on Mill Lane", "Asked when the clocks go back",
        "Had the radio on for the football", "Was looking for the red scarf",
        "Read the parish news aloud", "Liked the blackbird at the window",
        "Hoped it would not rain for the fair", "Showed me the wedding picture again",
        "Wanted the blind half down", "Counted the vans in the car park",
        "Wrote a card to a niece in Leeds", "Had a chat with the man from maintenance",
        "Remembered working at the mill", "Laughed at the cat on the wall",
        "Was cross about the lift being slow", "Tried on the new slippers",
        "Folded the napkins for supper", "Asked after my little boy",
        "Hummed while I tidied up", "Did not care for the quiz",
        "Watered the plant on the sill", "Looked out of the window a good while",
        "Talked about the allotment", "Had cold hands at first",
        "Fancied a walk after the news", "Was up to date with the cricket",
        "Missed the dog today", "Found the room too warm",
    ),
    (
        "and nodded off over it", "then changed the subject", "and wanted me to sit down",
        "which took a while", "and would not be hurried", "with a wink at the end",
        "so we looked it up together", "and was proud of that", "before the tea came round",
        "and said so twice", "but cheered up later", "and asked for it again tomorrow",
        "while the window was open", "and gave me a sweet for it", "until a friend knocked",
        "and that was that", "which made the others laugh", "then asked for the glasses",
        "and we left it there", "with both hands busy", "and thought it a shame",
        "as on most Sundays at home once", "so I fetched a blanket", "and was glad of the company",
    ),
)  # fmt: skip
MOODS = ("happy", "settled", "settled", "low", "anxious", "could not tell")
SUPPORT = ("none", "prompt", "one", "one", "two")
OUTCOME = ("met", "met", "met", "partly", "declined")


@dataclass(frozen=True)
class Shift:
    member: Member
    starts: datetime
    ends: datetime

    @property
    def at_night(self) -> bool:
        return self.starts.hour >= 18


def tell(story: Story) -> None:
    for number in range(1, cast.THIS_WEEK):
        monday = story.week(number)
        ready: dict[str, set[str]] = {}
        story.diary.write(at(monday, 5), lambda m=monday, r=ready: _who_is_ready(story, m, r))  # type: ignore[misc]
        story.diary.write(
            at(story.week(number + 1), 6),
            lambda n=number, r=ready: _bring_in(story, n, r),  # type: ignore[misc]
        )


def account(member: Member) -> str:
    """What somebody is called in the ECM system."""
    first, *_, last = member.name.casefold().replace("’", "").split()
    return f"{first}.{last}"


def _who_is_ready(story: Story, monday: date, ready: dict[str, set[str]]) -> None:
    for home, first, last, _ in LIVE:
        if story.week(first) <= monday <= story.week(last):
            members = [m for m in story.of(home) if m.start <= monday]
            waiting = rotas.not_ready(story.stage, members, home)
            ready[home] = {m.key for m in members} - waiting


def _bring_in(story: Story, number: int, ready: dict[str, set[str]]) -> None:
    """The export of one week, for both homes in one file each."""
    random = Random(f"live {number}")
    weeks = [
        Week(story, home, number, ready[home], random)
        for home, first, last, _ in LIVE
        if first <= number <= last
    ]
    for week in weeks:
        week.tell()
    stage, members = story.stage, [week.home for week in weeks]
    stage.take_in(
        "accounts",
        ("account_id", "person_id", "from_date", "shared"),
        _accounts(story, members, story.week(number)),
        by=stage.by(ADMINISTRATOR),
    )
    by = stage.by(QUALITY_LEAD)
    rows = sorted(row for week in weeks for row in week.records)
    stage.take_in("records", RECORDS, rows, by=by)
    alerts = sorted(row for week in weeks for row in week.alerts)
    stage.take_in("alerts", ALERTS, alerts, by=by)


def _accounts(story: Story, homes: Sequence[str], monday: date) -> Iterator[Cells]:
    for member in story.members:
        if member.home.code in homes and member.start < monday + timedelta(days=7):
            yield account(member), member.key, member.start.isoformat(), "no"
    if "ALDER" in homes:
        yield SHARED, "", story.week(1).isoformat(), "yes"


class Week:
    """What one home writes in one week, by who is on shift and may use the live system."""

    def __init__(
        self, story: Story, home: str, number: int, ready: set[str], random: Random
    ) -> None:
        self.story, self.home, self.number, self.random = story, home, number, random
        self.monday = story.week(number)
        self.records: list[Cells] = []
        self.alerts: list[Cells] = []
        writers = [
            m
            for m in story.of(home, "CW", "SC", "RN")
            if m.key in ready and m.name not in TOLD_APART
        ]
        rows = rotas.fortnight(
            writers, self.monday, not_live=set(), left_out=lambda member, day: False
        )
        by_key = {m.key: m for m in writers}
        self.shifts = [
            Shift(by_key[row[2]], _local(row[3]), _local(row[4]))
            for row in rows
            if _local(row[3]).date() < self.monday + timedelta(days=7)
        ]
        self.shifts = [s for s in self.shifts if s.ends <= at(story.week(number + 1), 5)]

    def tell(self) -> None:
        if not self.shifts:
            return
        daily = next(count for home, _, _, count in LIVE if home == self.home)
        for day in range(7):
            on = self.monday + timedelta(days=day)
            here = [s for s in self.shifts if s.starts.date() == on]
            for _ in range(daily if here else 0):
                self._note(self.random.choice(here))
            if nights := [s for s in here if s.at_night]:
                self._alert(self.random.choice(nights), answered=(self.number, day) != (8, 3))
        if self.home == "QUAYSIDE":
            self._turns()
        if self.number == cast.THIS_WEEK - 1:
            self._this_week()

    def _note(self, shift: Shift) -> None:
        random = self.random
        told = NIGHT_NOTES if shift.at_night else DAY_NOTES
        section = random.choice([*told])
        occurred = self._moment(shift)
        author = account(shift.member)
        if self.home == "ALDER" and shift.at_night and random.random() < 0.08:
            author = SHARED
        fields = {
            "mood": random.choice(MOODS),
            "support": random.choice(SUPPORT),
            "outcome": random.choice(OUTCOME),
            "choice": random.choice(("as usual", "to be left a while", "the earlier time")),
        }
        besides = ", ".join(random.choice(part) for part in BESIDES)
        late = self.home == "ALDER" and shift.at_night and self.number <= 2
        self._record(
            author,
            "note",
            section,
            occurred,
            self._entered(occurred, shift, late=random.random() < (0.3 if late else 0.04)),
            f"{told[section]} {besides}." if random.random() < 0.9 else told[section],
            fields,
        )

    def _turns(self) -> None:
        """In week 7 eleven of thirteen turns lack the skin field, by nine people, Kasia too."""
        kasia = [m for m in self.story.of("QUAYSIDE") if m.name.startswith("Kasia")]
        people = list(
            {s.member.key: s.member for s in self.shifts if s.member.job_role == "CW"}.values()
        )
        people = [*kasia, *(m for m in people if m not in kasia)]
        lacking = (9, 11, 13) if self.number == 7 else (5, 4, 13)
        for turn in range(lacking[2]):
            member = people[turn % min(lacking[0], len(people))]
            own = [s for s in self.shifts if s.member.key == member.key]
            shift = self.random.choice(own or self.shifts)
            occurred = self._moment(shift)
            fields = {
                "chart": "turn",
                "position": self.random.choice(("left side", "right side", "back")),
            }
            if turn >= lacking[1]:
                fields["skin"] = "intact"
            self._record(
                account(shift.member if not own else member),
                "chart",
                "",
                occurred,
                occurred + timedelta(minutes=self.random.randrange(2, 12)),
                "Turned with two, settled after.",
                fields,
            )

    def _alert(self, shift: Shift, *, answered: bool) -> None:
        random = self.random
        rang = self._moment(shift)
        subject = self._subject()
        number = f"{self.home[:3]}-A{self.number}{len(self.alerts):03}"
        taken = rang + timedelta(minutes=random.choice((1, 1, 2, 2, 4)))
        attended = taken + timedelta(minutes=random.choice((1, 2, 3)))
        response = ""
        if answered:
            response = self._record(
                account(shift.member),
                "alert",
                "",
                attended,
                attended + timedelta(minutes=random.randrange(6, 22)),
                "{name} was on the edge of the bed and wanted the toilet. Walked there and back.",
                {
                    "alert_id": number,
                    "attended": f"{attended.astimezone(LONDON):%H:%M}",
                    "cause": "Needed the toilet",
                    "finding": "On the edge of the bed",
                    "action": "Walked with them and put the frame back",
                    "told": "Shift lead, at handover",
                    "sensor_ok": "yes",
                },
                subject=subject,
                responds_to=number,
            )
        self.alerts.append(
            (
                *(number, self.home, subject[0], "bed_exit", _iso(rang), _iso(taken)),
                *(account(shift.member), _iso(attended), response),
            )
        )

    def _this_week(self) -> None:
        """Tomasz' nine, an account nobody knows, and what is kept aside."""
        if self.home == "QUAYSIDE":
            tomasz = self.story.by_name["Tomasz Zieliński"]
            night = Shift(
                tomasz,
                at(self.story.week(8, day=5), 19, 45),
                at(self.monday + timedelta(days=6), 8),
            )
            for _ in range(9):
                self._note(night)
            for _ in range(6):
                shift = self.random.choice(self.shifts)
                occurred = self._moment(shift)
                self._record(
                    NOBODYS,
                    "note",
                    "food",
                    occurred,
                    occurred + timedelta(minutes=9),
                    DAY_NOTES["food"],
                    {"mood": "settled"},
                )
        shift = self.random.choice(self.shifts)
        for _ in range(3):
            occurred = self._moment(shift)
            self._record(
                account(shift.member),
                "note",
                "Outings",
                occurred,
                occurred + timedelta(minutes=15),
                "Out in the minibus to the sea front with {name}.",
                {},
            )
        occurred = self._moment(shift)
        self._record(
            account(shift.member),
            "note",
            "food",
            occurred,
            occurred + timedelta(minutes=5),
            "Drinks trolley done on the unit.",
            {},
            subject=("", ""),
        )

    def _record(
        self,
        author: str,
        kind: str,
        section: str,
        occurred: datetime,
        recorded: datetime,
        text: str,
        fields: dict[str, str],
        *,
        subject: tuple[str, str] | None = None,
        responds_to: str = "",
    ) -> str:
        subject = subject or self._subject()
        number = f"{self.home[:3]}-{self.number}{len(self.records):04}"
        said = {word: self.random.choice(choices) for word, choices in WORDS.items()}
        said["name"] = subject[1].split(" ")[0]
        self.records.append(
            (
                *(number, self.home, *subject, author, kind, section, _iso(occurred)),
                *(_iso(recorded), text.format(**said), json.dumps(fields), responds_to),
            )
        )
        return number

    def _subject(self) -> tuple[str, str]:
        names = RESIDENTS[self.home]
        place = self.random.randrange(len(names))
        return f"{self.home[:3]}-R{place + 1:02}", names[place]

    def _moment(self, shift: Shift) -> datetime:
        minutes = int((shift.ends - shift.starts) / timedelta(minutes=1))
        return shift.starts + timedelta(minutes=self.random.randrange(15, minutes - 60))

    def _entered(self, occurred: datetime, shift: Shift, *, late: bool) -> datetime:
        if late:
            return min(occurred + timedelta(minutes=self.random.randrange(75, 330)), shift.ends)
        return occurred + timedelta(minutes=self.random.randrange(3, 45))


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def _iso(moment: datetime) -> str:
    return moment.astimezone(LONDON).isoformat(timespec="minutes")
