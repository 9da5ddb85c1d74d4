from pathlib import Path

from surehand.competency.plan_document import starter
from surehand.competency.reference import competencies_page
from surehand.competency.themes import THEMES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "competencies.md"


def test_the_page_in_the_docs_is_what_the_starter_plan_says():
    assert PAGE.read_text("utf-8") == competencies_page(starter(), THEMES), (
        "docs/reference/competencies.md differs from the starter plan: write it anew from "
        "surehand.competency.reference.competencies_page"
    )


def test_every_competency_and_criterion_is_on_the_page():
    page = competencies_page(starter(), THEMES)
    for competency in starter().competencies:
        assert f"### {competency.code} {competency.title}" in page
        for criterion in competency.check.criteria:
            row = f"| {criterion.code} | {criterion.text} | "
            assert f"{row}{'**critical**' if criterion.critical else ''} |" in page
