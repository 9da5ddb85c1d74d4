from surehand.competency.plan_document import starter
from surehand.competency.themes import THEMES


def test_there_are_fifteen_themes_and_each_is_taught_by_a_competency():
    assert list(THEMES) == [f"T{number:02}" for number in range(1, 16)]
    taught = {theme for competency in starter().competencies for theme in competency.themes}
    assert taught == set(THEMES)


def test_a_theme_is_checked_again_by_competencies_of_the_starter_plan():
    codes = {competency.code for competency in starter().competencies}
    for theme in THEMES.values():
        assert theme.checks
        assert set(theme.checks) <= codes


def test_every_theme_shows_a_weak_and_a_good_example():
    for theme in THEMES.values():
        assert theme.weak
        assert theme.good
        assert theme.weak != theme.good
        assert theme.refresher
