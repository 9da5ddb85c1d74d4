"""Who works for the demonstration's provider (content brief, section 11). All of it is made up.

Pure: the same today gives the same people. Weeks are counted as the story counts them: today is
the Monday of week 9, history starts in week -6, and there is a week 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from surehand.competency.plan_document import starter
from surehand.competency.rules import Level, levels_for
from surehand.people.access import AccessRole

PROVIDER = "Brindlemoor Care"
FIRST_WEEK, THIS_WEEK = -6, 9


def week(number: int, today: date) -> date:
    """The Monday of a week of the story."""
    return today + timedelta(weeks=number - THIS_WEEK)


@dataclass(frozen=True)
class Home:
    """A service. `staff` is posts by job role; bank and agency posts are of these."""

    code: str
    name: str
    setting: str
    teams: tuple[str, ...]  # the last works nights where there are alerts at night
    staff: dict[str, int]
    bank: int
    agency: int
    agency_nurses: int = 0
    cqc_location_id: str = ""

    def go_live(self, today: date) -> date:
        return {
            "ALDER": week(1, today),
            "QUAYSIDE": week(7, today),
            "EASTGATE": today + timedelta(days=12),
            "FERNROW": week(16, today),
        }[self.code]

    def training(self, today: date) -> date:
        """The Monday on which its people begin to be checked."""
        weeks = {"ALDER": -5, "QUAYSIDE": -1, "EASTGATE": 4, "FERNROW": 8}
        return week(weeks[self.code], today)


HOMES = (
    Home(
        "ALDER", "Alder House", "R", ("Ash unit", "Birch unit", "Nights"),
        {"RM": 1, "DM": 1, "TL": 2, "SC": 7, "CW": 33, "AC": 2}, 5, 4,
        cqc_location_id="1-1100000001",
    ),
    Home(
        "QUAYSIDE", "Quayside Court", "N", ("Harbour unit", "Lantern unit", "Nights"),
        {"RM": 1, "DM": 1, "TL": 2, "SC": 5, "RN": 13, "CW": 33, "AC": 1}, 4, 7, 4,
        cqc_location_id="1-1100000002",
    ),
    Home(
        "EASTGATE", "Eastgate Homecare", "H", ("North round", "South round", "Evening round"),
        {"RM": 1, "DM": 1, "TL": 4, "SC": 5, "HC": 47}, 6, 0,
        cqc_location_id="1-1100000003",
    ),
    Home(
        "FERNROW", "Fern Row", "S", ("House 1", "House 2", "House 3"),
        {"RM": 1, "TL": 2, "SC": 3, "SW": 24}, 3, 2,
        cqc_location_id="1-1100000004",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One person in one post. `key` is the person's reference."""

    key: str
    name: str
    home: Home
    job_role: str
    start: date
    employment: str = "permanent"
    end: date | None = None
    team: str = ""
    responsibilities: tuple[str, ...] = ()

    @property
    def agency(self) -> bool:
        return self.employment == "agency"

    @property
    def nights(self) -> bool:
        return "nig" in self.responsibilities

    def needs(self) -> dict[str, Level]:
        """Competency code → how much it matters in this post."""
        return levels_for(
            starter().requirements(),
            job_role=self.job_role,
            setting=self.home.setting,
            agency=self.agency,
            responsibilities=self.responsibilities,
        )


@dataclass(frozen=True)
class HeadOffice:
    key: str
    name: str
    role: AccessRole


R = AccessRole
HEAD_OFFICE = (
    HeadOffice("H1", "Ada Fenwick", R.ADMINISTRATOR),
    HeadOffice("H2", "Helen Marsh", R.WORKFORCE_LEAD),
    HeadOffice("H3", "Wendy Okoro", R.WORKFORCE_LEAD),
    HeadOffice("H4", "Queenie Adair", R.QUALITY_LEAD),
    HeadOffice("H5", "Paul Lindqvist", R.PROJECT_LEAD),
    HeadOffice("H6", "Nadia Rahman", R.NOMINATED_INDIVIDUAL),
    HeadOffice("H7", "Gareth Pryce", R.QUALITY_LEAD),
)
ADMINISTRATOR, SIGNER, TRAINER = "H1", "H2", "H3"
VISITOR = HeadOffice("V1", "Margaret Iveson", R.VISITOR)

# People of the story: service, job role and number in it → name.
STORY = {
    ("ALDER", "RM", 1): "Ruth Adeyemi",
    ("ALDER", "DM", 1): "Simon Garrity",
    ("ALDER", "TL", 1): "Tessa Boyd",
    ("ALDER", "SC", 1): "Callum Whitfield",
    ("ALDER", "SC", 2): "Brian Oakes",
    ("ALDER", "CW", 1): "Daniela Popescu",
    ("ALDER", "CW", 2): "Priya Nair",
    ("ALDER", "CW", 3): "Jo Hartley",
    ("ALDER", "CW", 4): "Dele Balogun",
    ("QUAYSIDE", "RM", 1): "Quinn Byrne",
    ("QUAYSIDE", "TL", 1): "Imogen Farrell",
    ("QUAYSIDE", "SC", 1): "Kasia Wójcik",
    ("QUAYSIDE", "RN", 1): "Rose Nkemelu",
    ("QUAYSIDE", "RN", 13): "Tomasz Zieliński",
    ("QUAYSIDE", "CW", 5): "Marlon Grant",
    ("EASTGATE", "RM", 1): "Farida Hussain",
    ("EASTGATE", "TL", 1): "Owen Prosser",
    ("FERNROW", "RM", 1): "Lorna McBride",
    ("FERNROW", "TL", 1): "Anil Kapoor",
}

FIRST = """
Aaliyah Abigail Adebayo Agnes Aidan Alicja Amara Amir Andrea Anya Arthur Asha Beatriz Ben
Bernadette Blessing Bronwen Carlos Catherine Charmaine Chidi Chloe Christine Colette Craig Danuta
David Dawn Deepa Denise Diana Dominic Ebony Edward Eileen Elena Elizabeth Emeka Emily Esther Ewan
Faith Fatima Fiona Florin Frances Gemma George Gita Grace Hannah Harpreet Hazel Ibrahim Ines Ioana
Isaac Ivana Jacqueline Jamal Janet Jasmine Javier Jenna Joanna Josephine Joyce Julia Kareem Karen
Katie Kelechi Kelly Khadija Kieran Laura Leila Lewis Linh Lucy Magda Mandeep Maria Marie Martin
Maureen Mei Mercy Michael Mohammed Monika Naomi Natalia Neil Ngozi Nicola Noor Olga Olu Omar
Patience Patrick Paulina Petra Rachel Rajesh Rebecca Rhiannon Roisin Rosa Ryan Sadia Samuel Sandra
Sean Shanice Sofia Stella Sunita Susan Tanya Teresa Thandi Theo Tina Tunde Uche Vera Veronica
Victor Wanda Wei Winston Yasmin Yusuf Zainab Zoe
"""
LAST = """
Abbott Achebe Ahmed Akhtar Allen Amoah Anderson Antwi Bailey Banda Barnes Begum Bennett Bose
Brennan Brown Campbell Carter Chan Chauhan Chen Clarke Cole Costa Cruz Cunningham Dale Davies
Desai Diaz Dixon Dlamini Doyle Edwards Ellis Evans Eze Fernandes Fisher Fofanah Foster Fox
Georgiou Gibson Gill Gomes Gordon Graham Green Gupta Hall Harper Hassan Henry Hill Holt Howe
Hughes Hunt Hussain Ionescu Iqbal Ivanova Jackson James Jankowska Jenkins Jones Joseph Kaur Kelly
Khan King Kowalski Lamb Lawson Lee Lewis Lloyd Lopes Malik Mason Mbeki Mehta Mensah Miller Mills
Moyo Murphy Musa Ndlovu Nguyen Novak Nowak Obi Odhiambo Okafor Okoye Osei Owen Palmer Parker Patel
Pereira Perry Phiri Popa Powell Price Quaye Rao Reid Reyes Roberts Rose Rossi Ryan Santos Sesay
Shah Sharma Shaw Silva Singh Smith Stone Sule Taylor Thapa Thomas Tran Turner Vasile Wade Walker
Ward Watts White Wilson Wood Wright Yeboah Young Zhang
"""


def members(today: date) -> tuple[Member, ...]:
    """Everybody with a post as the story opens, and those who start later, in a fixed order."""
    random = Random("Brindlemoor")
    names = _names(random)
    found = []
    number = 0
    for home in HOMES:
        for job_role, count in home.staff.items():
            for place in range(1, count + 1):
                number += 1
                member = Member(
                    key=f"P{number:03}",
                    name=STORY.get((home.code, job_role, place)) or next(names),
                    home=home,
                    job_role=job_role,
                    start=week(FIRST_WEEK, today) - timedelta(days=random.randrange(30, 2500)),
                    team=home.teams[place % len(home.teams)],
                )
                member = _employed(member, place, count, today)
                found.append(replace(member, responsibilities=_holds(member, place)))
    return tuple(found)


def _names(random: Random) -> Iterator[str]:
    first, last = FIRST.split(), LAST.split()
    used = {*STORY.values(), *(h.name for h in HEAD_OFFICE)}
    while True:
        name = f"{random.choice(first)} {random.choice(last)}"
        if name not in used:
            used.add(name)
            yield name


def _employed(member: Member, place: int, count: int, today: date) -> Member:
    """Agency posts are the last of a job role, bank posts the ones before them."""
    home, job_role = member.home, member.job_role
    if job_role == "RN":
        agency, bank = home.agency_nurses, 0
    elif job_role in {"CW", "HC", "SW"}:
        agency, bank = home.agency - home.agency_nurses, home.bank
    else:
        agency, bank = 0, 0
    if place > count - agency:
        # Their first booking of eight weeks; a second follows it (`again`).
        start = week(8 if member.name == STORY[("QUAYSIDE", "RN", 13)] else -5, today)
        return replace(
            member, employment="agency", start=start, end=start + timedelta(weeks=8, days=-1)
        )
    if place > count - agency - bank:
        return replace(member, employment="bank")
    if member.name == STORY[("ALDER", "CW", 3)]:
        return replace(member, start=week(8, today))
    return member


def again(member: Member) -> Member:
    """The second booking of an agency worker: the day after the first, for thirteen weeks."""
    assert member.end is not None
    start = member.end + timedelta(days=1)
    return replace(member, start=start, end=start + timedelta(weeks=13, days=-1))


def _holds(member: Member, place: int) -> tuple[str, ...]:
    """Risk responsibilities as such a service would share them out."""
    night = member.home.setting in {"R", "N"} and member.team == member.home.teams[-1]
    held: set[str] = set()
    match member.job_role:
        case "CW":
            held = {"alr"}
        case "SC":
            held = {"shf", "med", "alr"} | ({"key"} if place % 2 else {"sup"})
        case "RN":
            held = {"shf", "med"} | ({"app", "mca"} if place <= 2 else set())
            held |= {"key"} if place in {3, 4} else set()
        case "HC":
            held = {"med"} | ({"alr"} if place % 3 == 0 else set())
        case "SW":
            held = {"alr"} | ({"med"} if place % 2 else set()) | ({"key"} if place < 6 else set())
        case "TL":
            held = {"sup", "onc"} | ({"aud"} if place == 1 else set())
        case "DM":
            held = {"app", "acc", "onc"}
        case "RM":
            held = {"saf", "onc"}
    if night and member.job_role in {"CW", "SC", "RN"}:
        held.add("nig")
    return tuple(sorted(held))
