"""The documentation is true as far as a machine can tell: links resolve, files named are there,
every rule has its tests, and generated pages are what the code generates now."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(p for p in (ROOT / "docs").rglob("*.md"))],
    key=lambda page: page.relative_to(ROOT),
)

_found = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs/generate.py")
assert _found
assert _found.loader
generate = importlib.util.module_from_spec(_found)
_found.loader.exec_module(generate)
GENERATED = generate.PAGES
RULES = [*range(1, 17), 21]
RULES_PAGE = ROOT / "docs/explanation/rules.md"

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
# A file or folder of this repository, as prose names it: no placeholders, no files of a reader's.
A_PATH = re.compile(
    r"(?:src|tests|bench|docs)/[\w./-]*|[\w.-]+(?:/[\w.-]+)*\.(?:py|md|toml|ya?ml|mjs|html|css)"
)


def words_of(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def numbered(rule: int, source: str) -> list[str]:
    return re.findall(rf"^(?:async )?def (test_r{rule}_\w+)", source, re.MULTILINE)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_tests(rule: int) -> None:
    sources = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert any(numbered(rule, source) for source in sources)


@pytest.mark.parametrize("rule", RULES)
def test_the_page_of_the_rules_names_the_tests_of_each(rule: int) -> None:
    """Each section says where the rule lives, and a file that holds tests by its number."""
    found = re.search(rf"^## R{rule} .*?(?=^## |\Z)", RULES_PAGE.read_text(), re.M | re.S)
    assert found, f"R{rule} is not in {name(RULES_PAGE)}"
    code, _, tests = found[0].partition("- Tests:")
    assert "- Code:" in code
    files = [ROOT / path for path in IN_BACKTICKS.findall(tests) if path.startswith("tests/")]
    assert any(numbered(rule, file.read_text()) for file in files), files


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_resolve(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(words_of(page))]
    missing = [
        link
        for link in links
        if link and "://" not in link and not link.startswith("mailto:")
        if not (page.parent / link).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_named_are_there(page: Path) -> None:
    """A path is from the root, the package or the page; a bare name is of a file anywhere."""
    known = {
        path.name
        for part in ("src", "tests", "bench", "docs")
        for path in ROOT.glob(f"{part}/**/*")
    }
    missing = [
        said
        for said in IN_BACKTICKS.findall(words_of(page))
        if A_PATH.fullmatch(said)
        if not any((base / said).exists() for base in (ROOT, ROOT / "src/surehand", page.parent))
        and ("/" in said or said not in known)
    ]
    assert missing == []


@pytest.mark.parametrize("page", list(GENERATED))
def test_generated_pages_are_what_the_code_says(page: str) -> None:
    assert (ROOT / "docs" / page).read_text() == GENERATED[page](), "run `make docs`"


def test_every_setting_named_is_read() -> None:
    """What a page or a file to deploy with tells people to set does something."""
    read = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    files = [*PAGES, *(path for path in (ROOT / "deploy").iterdir()), ROOT / "Containerfile"]
    named = {word for file in files for word in re.findall(r"SUREHAND_[A-Z_]+", file.read_text())}
    of_tests = {"SUREHAND_TRIALS", "SUREHAND_SHOTS", "SUREHAND_SPARK"}
    ours = named - of_tests
    assert [word for word in sorted(ours) if f'"{word}"' not in read] == []
