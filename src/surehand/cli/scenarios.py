"""`surehand scenario` and `surehand spot-questions`: practice documents checked before use."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from surehand.cli.main import main, print_json, refused

if TYPE_CHECKING:
    from surehand.ecm.profile import Profile

DOCUMENT = click.Path(exists=True, dir_okay=False, path_type=Path)


@main.command()
@click.argument("files", nargs=-1, required=True, type=DOCUMENT)
@click.option("--profile", type=DOCUMENT, help="Your own ECM profile, as a document.")
@click.option("--plan", type=DOCUMENT, help="Your own training assurance plan, as a document.")
@click.option("--json", "as_json", is_flag=True)
def scenario(
    files: tuple[Path, ...], profile: Path | None, plan: Path | None, as_json: bool
) -> None:
    """Check practice scenarios: each problem in a sentence, with its line. Nothing is written.

    A scenario is read with the shipped ECM profile that it names and the criteria of the starter
    plan, unless you give your own. Exit code 1 when a file has a problem.

    Example: surehand scenario P01.yaml P02.yaml --profile our-profile.yaml
    """
    from surehand.competency import plan_document
    from surehand.documents import DocumentProblem
    from surehand.ecm import profile as profiles

    try:
        own = profiles.load(_text(profile)) if profile else None
        of_plan = plan_document.load(_text(plan) if plan else plan_document.starter_text())
    except DocumentProblem as problem:
        raise refused(str(problem)) from None
    criteria = {c.code: {one.code for one in c.check.criteria} for c in of_plan.competencies}
    _told({str(file): _problems(file, own, criteria) for file in files}, as_json=as_json)


@main.command("spot-questions")
@click.argument("files", nargs=-1, required=True, type=DOCUMENT)
@click.option("--plan", type=DOCUMENT, help="Your own training assurance plan, as a document.")
@click.option("--json", "as_json", is_flag=True)
def spot_questions(files: tuple[Path, ...], plan: Path | None, as_json: bool) -> None:
    """Check questions of spot checks: each problem in a sentence, with its line.

    They are read with the shipped ECM profiles and the criteria of the starter plan, unless you
    give your own. Nothing is written. Exit code 1 when a file has a problem.

    Example: surehand spot-questions our-questions.yaml
    """
    from surehand.competency import plan_document
    from surehand.documents import DocumentProblem
    from surehand.ecm import profile as profiles
    from surehand.practice import spot_questions as questions

    try:
        of_plan = plan_document.load(_text(plan) if plan else plan_document.starter_text())
    except DocumentProblem as problem:
        raise refused(str(problem)) from None
    criteria = {c.code: {one.code for one in c.check.criteria} for c in of_plan.competencies}
    shipped = [profiles.starter(code) for code in profiles.STARTERS]
    in_setting = {setting: one for one in shipped for setting in one.settings}
    found: dict[str, list[str]] = {}
    for file in files:
        try:
            questions.load(_text(file), profiles=in_setting, criteria=criteria)
            found[str(file)] = []
        except DocumentProblem as problem:
            found[str(file)] = problem.problems
    _told(found, as_json=as_json)


def _told(found: dict[str, list[str]], *, as_json: bool) -> None:
    """Say what is wrong with each file; exit code 1 if anything is."""
    if as_json:
        print_json([{"file": name, "problems": problems} for name, problems in found.items()])
    else:
        for name, problems in found.items():
            if not problems:
                click.echo(f"{name}: no problem found")
            for one in problems:
                click.echo(f"{name}: {one}", err=True)
    if any(found.values()):
        raise click.exceptions.Exit(1)


def _problems(file: Path, own: "Profile | None", criteria: dict[str, set[str]]) -> list[str]:
    """What is wrong with the scenario in a file, one sentence each."""
    from surehand.documents import Document, DocumentProblem
    from surehand.ecm import profile as profiles
    from surehand.practice import scenario as scenarios

    try:
        text = _text(file)
        document = Document(text)
        named = document.content.get("profile") if isinstance(document.content, dict) else None
        if own is None and isinstance(named, str) and named not in profiles.STARTERS:
            return [
                f"Line {document.line(('profile',))}: no profile “{named}” is shipped; there is: "
                f"{', '.join(profiles.STARTERS)}. Give your own with --profile."
            ]
        played_in = own or profiles.starter(named or profiles.STARTERS[0])
        scenarios.load(text, profile=played_in, cast=scenarios.starter_cast(), criteria=criteria)
    except DocumentProblem as problem:
        return problem.problems
    return []


def _text(file: Path) -> str:
    """The text of a document. Raises DocumentProblem if it is not text."""
    from surehand.documents import DocumentProblem

    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise DocumentProblem(["It is not a text file; save it as UTF-8."]) from None
