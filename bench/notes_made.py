"""Care notes made by a grammar, to measure speed on: `python bench/notes_made.py OUT.parquet 1000`.

About 42 words each. They show mechanics and speed, and nothing about accuracy. `--novel` makes
every word new (the worst case for what was said before), `--services 1` one huge service. One row
group holds one service, in the order of recording; the same arguments make the same notes.
"""

import argparse
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from surehand.screening import RECORDS

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 28
PER_SERVICE = 10_000

OPENINGS = (
    "{Up} at {time} and {chose} {clothes}.", "Asked for {food} before her wash and {ate}.",
    "Walked to the {place} with {aid}; {remark}.", "All care given as per plan.",
    "Settled night, slept well.", "{Name} rang at {time} about {topic}.",
    "Found sitting on the edge of her bed at {time}, wanted {topic}.",
    "Hummed {song} throughout while we did {task}.", "No concerns.",
)  # fmt: skip
MIDDLES = (
    "Drank {ml} ml of {drink} and left the rest.", "Skin looked at after {task}: {skin}.",
    "Said {remark}, so we {did}.", "Helped by {one} with {task}, {did} the rest on her own.",
    "Told {senior} at {time}: {topic}.", "Chose {food}, then {food}, because {remark}.",
    "Watched {show} with {Name} and talked of {topic}.", "Fluids encouraged, ate and drank well.",
    "No falls, no pain.", "At risk of falling on the {place}, so {aid} kept near.",
)  # fmt: skip
CHOICES = {
    "Up": ("Awake", "Up", "Out of bed", "Sat up"),
    "chose": ("chose", "picked out", "asked for", "wanted"),
    "clothes": ("the blue cardigan", "her green skirt", "his old jumper", "the striped shirt",
                "a warm vest", "the red scarf", "her best blouse", "the brown slippers"),
    "food": ("porridge with honey", "toast", "two eggs", "a bacon sandwich", "soup", "fish pie",
             "half a pear", "jam on crackers", "a banana", "rice pudding", "plain biscuits"),
    "ate": ("ate all of it", "left half", "had three spoons", "managed most", "gave it to the dog"),
    "place": ("garden", "pond", "gate", "lounge", "corridor", "greenhouse", "shop", "chapel"),
    "aid": ("her stick", "the frame", "one beside her", "no help", "the rail", "two stops"),
    "remark": ("knee less stiff", "it looked like rain", "the blackbird was back",
               "the tea was too strong", "her father kept bees", "nobody bakes like her mother",
               "the bus used to stop there", "her hands were cold", "it was a good year for plums"),
    "topic": ("the wedding", "her sister in Leeds", "the toilet", "new glasses", "the clinic",
              "the heating", "a parcel", "the allotment", "old films", "the choir", "her tablets"),
    "song": ("a hymn", "Daisy, Daisy", "something by Vera Lynn", "the same tune", "a sea shanty"),
    "task": ("a wash", "the bath", "her hair", "the exercises", "creams", "shaving", "a puzzle"),
    "drink": ("tea", "squash", "water", "hot chocolate", "milk", "orange juice"),
    "skin": ("intact", "dry on both shins", "heels good", "a little pink, gone in ten minutes"),
    "did": ("tried again later", "went round by the back", "left it for tomorrow", "laughed",
            "opened the window", "put the radio on", "sat a while", "did the top half"),
    "one": ("one", "two", "me", "the student"),
    "senior": ("the nurse", "the senior", "Ade", "the office", "Donna"),
    "show": ("the snooker", "a quiz", "the bowls", "an old western", "the news"),
    "Name": ("Betty", "Harold", "Gwen", "Stan", "Rita", "Leon", "Maureen", "Amrit", "Colin"),
}  # fmt: skip
SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ai", "er", "on")]


def sentence(dice: random.Random, patterns: tuple[str, ...]) -> str:
    return dice.choice(patterns).format(
        time=f"{dice.randrange(24):02}:{dice.randrange(60):02}",
        ml=dice.randrange(50, 400, 10),
        **{name: dice.choice(of) for name, of in CHOICES.items()},
    )


def note(dice: random.Random) -> str:
    """About 42 words."""
    said = [sentence(dice, OPENINGS)]
    words = len(said[0].split())
    while words < 38:
        said.append(sentence(dice, MIDDLES))
        words += len(said[-1].split())
    return " ".join(said)


def novel(dice: random.Random) -> str:
    """42 words that nobody ever wrote."""
    words = ["".join(dice.choices(SYLLABLES, k=3)) for _ in range(42)]
    return " ".join(words).capitalize() + "."


def service(number: int, notes: int, *, new: bool, seed: int = 1) -> pa.Table:
    """A service with a person for every 150 notes; one note in 25 repeats an earlier one."""
    dice = random.Random(f"{seed} {number}")
    people = max(2, notes // 150)
    make = novel if new else note
    columns: dict[str, list] = {name: [] for name in RECORDS.names}
    texts: list[str] = []
    for place in range(notes):
        occurred = START + timedelta(seconds=place * DAYS * 86_400 // notes)
        text = make(dice)
        if not new and texts and dice.random() < 0.04:
            text = dice.choice(texts[-5000:])
        texts.append(text)
        fields = {"mood": dice.choice(("happy", "settled", "")), "support": "one",
                  "outcome": "met", "choice": "toast"}  # fmt: skip
        row = {
            "record_id": f"s{number:04}-{place:08}",
            "service_id": f"s{number:04}",
            "subject_id": f"s{number:04}-p{dice.randrange(people):05}",
            "author_id": f"s{number:04}-a{dice.randrange(max(2, people // 2)):05}",
            "record_type": "note",
            "section": dice.choice(("wellbeing", "food", "personal", "sleep")),
            "occurred_at": occurred,
            "recorded_at": occurred + timedelta(minutes=dice.randrange(3, 90)),
            "text": text,
            "fields": json.dumps(fields),
            "responds_to": "",
            "version": 1,
            "change_type": "create",
        }
        for name, value in row.items():
            columns[name].append(value)
    return pa.table(columns, schema=RECORDS).sort_by([("recorded_at", "ascending")])


def make(path: Path, notes: int, *, services: int, new: bool) -> None:
    """Write the notes of all services, one row group each."""
    each = notes // services
    with pyarrow.parquet.ParquetWriter(path, RECORDS, compression="zstd") as writer:
        for number in range(services):
            writer.write_table(service(number, each, new=new), row_group_size=each)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("notes", type=int)
    parser.add_argument("--services", type=int, help=f"one for {PER_SERVICE:,} notes otherwise")
    parser.add_argument("--novel", action="store_true")
    given = parser.parse_args()
    services = given.services or max(1, given.notes // PER_SERVICE)
    make(given.path, given.notes, services=services, new=given.novel)


if __name__ == "__main__":
    main()
