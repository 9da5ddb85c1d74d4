"""The words are data: a provider adds and removes, and is told in sentences what is wrong."""

import pytest

from surehand.ecm import profile as profiles
from surehand.ecm.screening_rules import ruleset_of
from surehand.screening import WordsProblem, screen, starter_words, with_own_words
from surehand.screening.phrases import alone, automaton, forms
from tests.screening.records import record, rules, table


def test_how_phrases_are_written() -> None:
    assert forms("found/seen on the? floor") == [
        ("found", "on", "floor"), ("found", "on", "the", "floor"),
        ("seen", "on", "floor"), ("seen", "on", "the", "floor"),
    ]  # fmt: skip
    assert sorted(len(form) for form in forms("wrong * dose")) == [2, 3, 4, 5]
    assert forms("Didn’t café") == [("didnt", "cafe")]
    assert forms("N ml told Name") == [("N", "ml", "told", "Name")]
    for wrong in ("!", "one two three four five six seven "
                  "eight nine ten eleven twelve thirteen"):  # fmt: skip
        with pytest.raises(ValueError, match=r"\w"):
            assert not forms(wrong)


def test_the_automaton_has_just_the_rows_a_phrase_stands_for() -> None:
    phrases = ["a? * b/c d?", "b * *", "N ml? Name", "e-f/g? a"]
    built = automaton({1: phrases[:2], 2: phrases[2:]}, [])
    words = {number: word for word, number in built.word_ids.items()} | {1: "*", 2: "N", 3: "Name"}
    found: set[tuple[int, tuple[str, ...]]] = set()
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while waiting:
        node, row = waiting.pop()
        found |= {(number, row) for number in built.meanings[node]}
        waiting += [
            (then, (*row, words[word])) for (at, word), then in built.edges.items() if at == node
        ]
    assert found == {
        (1 + place // 2, row) for place, phrase in enumerate(phrases) for row in forms(phrase)
    }


def test_no_shipped_phrase_stands_for_a_single_word_by_the_way() -> None:
    """`told to?` is `told` alone as well: a single word is written by itself, and so meant."""
    assert [
        (name, phrase)
        for name, phrases in starter_words().spelled.items()
        if name not in ("common", "filler")
        for phrase in phrases
        if len(phrase.split()) > 1 and alone(phrase)
    ] == []


def test_a_phrase_names_a_set_of_words() -> None:
    own = with_own_words('version: "1.0"\nadd:\n  sets.pet: [newt/gecko]\n  concern: [$pet lost]\n')
    assert "newt/gecko lost" in own.spelled["concern"]
    with pytest.raises(WordsProblem, match=r"names “\$pets”, which is no set of words here"):
        with_own_words('version: "1.0"\nadd:\n  concern: [$pets lost]\n')
    with pytest.raises(WordsProblem, match="is in a set, which holds single words"):
        with_own_words('version: "1.0"\nadd:\n  sets.pet: [grass snake]\n')


def test_a_provider_adds_and_removes() -> None:
    own = with_own_words(
        'version: "1.0"\nadd:\n  incident: [did a humpty]\nremove:\n  stock: [stable]\n'
    )
    assert own.version.endswith("+1.0")
    with_own = ruleset_of(profiles.starter(), "R", own)
    assert with_own.version != rules().version
    said = table(record("Did a Humpty by the pond."))
    codes = [
        [one["code"] for one in screen(said, which)["reasons"][0].as_py()]
        for which in (rules(), with_own)
    ]
    assert codes == [[], ["incident_in_note", "missing_action"]]
    assert "stable" in starter_words().list("stock")
    assert "stable" not in own.list("stock")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("add: {}", "“version” is missing"),
        ('version: "1.0"\nadd:\n  incidents: [fell]', "Line 3: “incidents” is no list here"),
        ('version: "1.0"\nadd:\n  incident: ["???"]', "Line 3: “???”"),
        ('version: "1.0"\nremove:\n  stock: [all done and dusted]', "is not in the list “stock”"),
        ('version: "1.0"\nadd:\n  incident: fell', "must be a list"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(WordsProblem, match=said.replace("?", r"\?")):
        with_own_words(text)


@pytest.mark.parametrize("setting", ["R", "N", "H", "S"])
def test_every_shipped_profile_has_rules(setting: str) -> None:
    found = screen(table(record("Found on the floor.", section="sleep")), rules(setting))
    assert found["reasons"][0].as_py()[0]["code"] == "incident_in_note"
    with pytest.raises(ValueError, match="not for Q"):
        ruleset_of(profiles.starter(), "Q")
