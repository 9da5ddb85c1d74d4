"""`surehand spc`: a chart over time judged by the NHS rules, with no database."""

import csv
from datetime import date, datetime
from math import isfinite
from pathlib import Path

import click

from surehand.cli.main import main, print_json, refused

SHARE = ("numerator", "denominator")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--improvement", required=True, type=click.Choice(["increase", "decrease"]),
    help="Which way is better.",
)  # fmt: skip
@click.option(
    "--baseline", type=click.IntRange(2), metavar="N",
    help="The limits rest on the first N points, of each segment when rebased.",
)  # fmt: skip
@click.option(
    "--rebase", multiple=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="New limits from this date on; may be given again.",
)  # fmt: skip
@click.option("--target", type=float, metavar="X", help="Say whether this will be met.")
@click.option(
    "--screen-outliers", is_flag=True, help="Leave outlying moving ranges out of the limits."
)
@click.option("--json", "as_json", is_flag=True)
def spc(
    file: Path,
    improvement: str,
    baseline: int | None,
    rebase: tuple[datetime, ...],
    target: float | None,
    screen_outliers: bool,
    as_json: bool,
) -> None:
    """Judge a chart over time by the rules of the NHS programme “Making Data Count”.

    FILE is CSV with the columns date and value (an XmR chart), or date, numerator and denominator
    (a Laney p′ chart of shares). Dates are YYYY-MM-DD. No database is used.

    Example: surehand spc late-entries.csv --improvement decrease --target 7
    """
    from surehand.stats.spc import IN_WORDS, ONE_IN, Better, Judgement, laney, xmr

    try:
        dates, columns = _read(file)
        chart = (xmr if len(columns) == 1 else laney)(
            zip(dates, *columns, strict=True),
            better=Better(improvement),
            target=target,
            baseline=baseline,
            rebase=[one.date() for one in rebase],
            screen_outliers=screen_outliers,
        )
    except ValueError as problem:
        raise refused(f"{file.name}: {problem}") from None
    if as_json:
        print_json(
            {
                "points": [
                    {
                        "date": one.at.isoformat(),
                        "value": one.value,
                        "mean": one.mean,
                        "lower": one.lower,
                        "upper": one.upper,
                        "near_lower": one.near_lower,
                        "near_upper": one.near_upper,
                        "trial": one.trial,
                        "special_cause": one.special_cause,
                        "judgement": one.judgement,
                    }
                    for one in chart.points
                ],
                "variation": chart.variation,
                "assurance": chart.assurance,
                "sentence": chart.sentence,
            }
        )
        return
    click.echo("date\tvalue\taverage\tlower limit\tupper limit\tjudged")
    for one in chart.points:
        numbers = (one.value, one.mean, one.lower, one.upper)
        said = IN_WORDS[one.special_cause]
        if one.judgement is not Judgement.COMMON_CAUSE:
            said = f"{one.judgement}: {said}"
        click.echo(
            "\t".join([f"{one.at}", *("–" if x is None else f"{x:.4g}" for x in numbers), said])
        )
    click.echo(f"{chart.sentence}\n{ONE_IN}", err=True)


def _read(file: Path) -> tuple[list[date], list[list[float]]]:
    """The dates, and one column of values or two of numerators and denominators. Raises ValueError
    with a sentence."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        text = file.read_text("cp1252", errors="replace")
    rows = csv.DictReader(text.splitlines())
    names = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    wanted = ["value"] if "value" in names else list(SHARE)
    if "date" not in names or not set(wanted) <= set(names):
        raise ValueError(
            "the first line must name the columns date and value, or date, numerator and "
            "denominator."
        )
    dates: list[date] = []
    columns: list[list[float]] = [[] for _ in wanted]
    for row in rows:
        line = rows.line_num
        try:
            dates.append(date.fromisoformat((row["date"] or "").strip()))
        except ValueError:
            raise ValueError(
                f"line {line}: “{row['date'] or ''}” is no date; write it as 2027-03-08."
            ) from None
        for column, name in zip(columns, wanted, strict=True):
            column.append(_number(row[name] or "", f"line {line}, {name}"))
    return dates, columns


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{where}: “{text}” is no number.") from None
    if not isfinite(number):
        raise ValueError(f"{where}: “{text}” is no number.")
    return number
