"""What carers write, and what is noticed in it: for each innocent sentence one that is not."""

import pytest

from surehand.screening import screen
from tests.screening.records import JOYCE_AND_BETTY, record, rules, table

INCIDENTS = """
She slipped off the chair this morning.
Slipped on the wet floor by the sink.
When I came in she was on the floor.
I found Joyce on the floor.
In the lounge she fell.
She says she fell this morning.
Earlier today she fell in the bathroom.
Did not use her frame and fell.
Nobody saw her fall.
Fall not witnessed.
At half past 3 she slid off the bed.
Her legs gave way by the sink.
Had gone over in the bathroom.
Lowered to the floor by two staff.
Caught her arm on the door and the skin opened.
Took Harold's tablets by mistake.
Ambulance came and took him to hospital.
He is missing since lunch.
Could not find him anywhere at tea time.
She threw her cup at me.
Pulled my hair when I helped her wash.
His eyes rolled up and he was not responding.
Piece of toast got stuck, we did back slaps.
Given her night tablets twice by the agency.
Hoist stopped with her in the air.
Someone else's letter was in her folder.
No answer at the door at 9, phone ringing out.
Nearly slid out of the sling today.
She had a fit in the lounge that lasted two minutes.
Another resident pushed her in the corridor.
"""

CONCERNS = """
Her left heel is very red this morning.
Ate only two mouthfuls of dinner and pushed the plate away.
Legs are more swollen than yesterday.
She is more confused than usual tonight.
Bowels not opened for four days.
He says he has pain in his hip when he stands.
Her breathing is fast and noisy.
In the evening she cried and said her stomach hurts.
"""

INNOCENT = """
Fell asleep in her chair after lunch.
Her daughter fell last week so will not visit.
Missed her sister today and looked at photos.
Slipped off to sleep quickly.
Broke into song at lunch.
No falls, bumps or bruises.
Feels well and felt warm.
Threw the ball to Betty.
Cut his nails and washed his hair.
Slipped off her shoes and put her feet up.
Went over the plan with her.
He fell in love with the film star.
At risk of falls, sensor mat on.
Likes to sit on the floor with the cat.
Told us how he broke his leg in 1962.
Her cup fell off the table.
Hot water bottle filled.
Mat and alarm tested, all working.
He hit the balloon to everyone in turn.
Wandered round the garden happily with staff.
Burnt the toast, laughed about it.
Tripped over her words reading.
Had his stitches removed.
I tripped over the rug but he was fine.
Watched a film where a man fell.
Heel red, cream put on and told the nurse.
Hip sore, gave her paracetamol and settled her back in bed.
She cried, I held her hand until she was calm.
No pain, no redness, ate all her dinner.
Had hot chocolate and slept all night.
She wore the red scarf.
"""


SPELT_RIGHT = """
wondered wondering felt feel feels fills filled burst stripped tried chosen chuckled bounced
braised slapdash clipped gripped kissing listing scolded settled seated pleading breeding strapped
swings spelling sorted smelling stuffed broth chatter punctual bitter sipped dripped started
stitched hurried hurdle fainter vowed
"""


def noticed(*texts: str) -> list[set[str]]:
    """Each text is of a person of its own, so that none answers another."""
    said = table(*(
        record(text, at=3000 * place, subject_id=f"P{place}", record_id=f"{place:04}")
        for place, text in enumerate(texts)
    ))  # fmt: skip
    found = screen(said, rules(), names=JOYCE_AND_BETTY).sort_by("record_id")
    return [
        {one["code"] for one in reasons} & {"incident_in_note", "missing_action"}
        for reasons in found["reasons"].to_pylist()
    ]


@pytest.mark.parametrize(
    ("texts", "code"), [(INCIDENTS, "incident_in_note"), (CONCERNS, "missing_action")]
)
def test_told_in_many_ways(texts: str, code: str) -> None:
    lines = texts.strip().splitlines()
    found = noticed(*lines)
    assert [line for line, codes in zip(lines, found, strict=True) if code not in codes] == []


def test_innocent_sentences_say_nothing() -> None:
    lines = INNOCENT.strip().splitlines()
    found = noticed(*lines)
    assert [(line, codes) for line, codes in zip(lines, found, strict=True) if codes] == []


def test_a_word_spelt_right_is_no_slip_for_another() -> None:
    """wondered / wandered, felt / fell, scolded / scalded, choosing / choking …"""
    words = SPELT_RIGHT.split()
    found = noticed(*(f"She {word} it all by the window." for word in words))
    assert [(word, codes) for word, codes in zip(words, found, strict=True) if codes] == []


def test_a_slip_for_somebody_told_makes_no_incident_of_what_may_be_one() -> None:
    """“em” may be “rm”: a registered manager was not asked."""
    said = "Left eye drops not given, she was still asleep and asked em yesterday not to wake her."
    found = screen(table(record(said, section="food", fields="{}")), rules()).to_pylist()
    assert "incident_in_note" not in {one["code"] for one in found[0]["reasons"]}
