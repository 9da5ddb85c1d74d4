"""The pages of the documentation that are written from the code: `make docs`.

`tests/test_docs.py` holds each committed page to what is generated here.
"""

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import django
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))  # for the table of who may open which page


def page(title: str, introduction: str, *blocks: str) -> str:
    return "\n\n".join([f"# {title}", introduction, *blocks]) + "\n"


def table(*rows: tuple[str, ...]) -> str:
    head, *body = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *body])


def cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def first_sentence(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())


# --- Access -------------------------------------------------------------------------------------


def access() -> str:
    from surehand.people.access import DESCRIPTIONS, STANDS_IN, TABLE, AccessRole

    def titles(roles: frozenset[AccessRole]) -> str:
        found = [DESCRIPTIONS[role].title.lower() for role in AccessRole if role in roles]
        return ", ".join(found) or "–"

    scopes = {"own": "themselves", "service": "one service", "provider": "the whole provider"}
    roles = table(
        ("access role", "given for", "what for"),
        *((d.title, scopes[d.scope], d.description) for d in DESCRIPTIONS.values()),
    )
    actions = table(
        ("action", "in a service", "in the whole provider"),
        *(
            (
                action.value,
                titles(in_service),
                titles(in_provider) + (" (stands in)" if action in STANDS_IN else ""),
            )
            for action, (in_service, in_provider) in TABLE.items()
        ),
    )
    return page(
        "Who may do what",
        "Rule [R14](rules.md) as it stands in `src/surehand/people/access.py`; this page is "
        "written from it. An *access role* says what somebody may do in Surehand; a *job role* "
        "says what they do in a service. One person may hold several access roles.",
        "## Access roles",
        roles,
        "## Actions",
        actions,
        "*Stands in*: the workforce lead may do this only where the registered manager of the "
        "service is the one it is about.",
        "## Never, whatever the role",
        "- Nobody acts on themselves: records found to be one human count as one. Each such fact "
        "also has a check constraint in the database.\n"
        "- Nobody changes their own access.\n"
        "- Whoever assessed somebody does not sign the same post off while another workforce "
        "lead could.\n"
        "- The command line imports and sets up; it records nothing about competence or "
        "readiness, because such a thing is recorded by a named person.",
        "Access begins when it is granted and ends on its last day, or when it is ended. Grants "
        "and endings are facts in the ledger. *Who may* is asked of `people/access.py`; *in which "
        "state* of each part's `policies.py`. Both refuse with a sentence, and the same sentence "
        "explains a button that is disabled.",
    )


# --- The command --------------------------------------------------------------------------------


def cli() -> str:
    from surehand.cli.__main__ import main

    context = click.Context(main, info_name="surehand")
    return page(
        "The `surehand` command",
        "Written from the command itself; `surehand VERB --help` says the same. Exit code 0: done; "
        "1: refused or found wrong; 2: wrong usage. Messages go to stderr. A time without an "
        "offset is London's.",
        *(
            block
            for name in sorted(main.commands)
            for block in _verb(name, main.commands[name], context)
        ),
    )


def _verb(name: str, command: click.Command, above: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=above)
    yield f"## {name}"
    yield f"```\n{' '.join(['surehand', name, *command.collect_usage_pieces(context)])}\n```"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        words = " ".join(paragraph.split())
        yield f"Example: `{words[9:]}`" if words.startswith("Example: ") else words
    options = [
        (f"`{record[0]}`", record[1])
        for parameter in command.params
        if isinstance(parameter, click.Option)
        if (record := parameter.get_help_record(context))
    ]
    if options:
        yield table(("option", ""), *options)


# --- Models -------------------------------------------------------------------------------------

KINDS = {
    "fact": "Recorded once; never changed or deleted, and the database refuses both. Each also has "
    "`entry` (the number of the ledger entry that recorded it), `happened_at` and `recorded_at`.",
    "copy": "Imported or written text, rota rows and files; removed only by retention or erasure.",
    "span": "Derived from facts; can be rebuilt at any time.",
    "draft": "Work in progress.",
    "setting": "Names, sign-ins, and how the installation is set up.",
}


def tables() -> str:
    from django.apps import apps

    from surehand.evidence.kinds import kind_of

    ours = [m for m in apps.get_models() if m.__module__.startswith("surehand.")]
    blocks = []
    for kind, what in KINDS.items():
        blocks += [f"## {kind.capitalize()}s" if kind != "copy" else "## Copies", what]
        for model in sorted(ours, key=lambda m: str(m._meta.label)):
            if kind_of(model) == kind:
                blocks += [f"### {model._meta.label}", first_sentence(_said(model)), _fields(model)]
    return page(
        "Models",
        "Every table by its kind of row ([R1](../explanation/rules.md)), written from the models.",
        *filter(None, blocks),
    )


def _said(model: type[models.Model]) -> str:
    """The model's own docstring; Django writes one where there is none."""
    said = model.__doc__ or ""
    return "" if said.startswith(f"{model.__name__}(") else said


def _fields(model: type[models.Model]) -> str:
    own = inspect.getsource(model)
    inherited = {"id", "entry", "happened_at", "recorded_at"} if "(Fact)" in own else {"id"}
    rows = [
        (f"`{field.name}`", _holds(field) + _remark(own, field.name))
        for field in model._meta.concrete_fields
        if field.name not in inherited
    ]
    return table(("field", "holds"), *rows) if rows else ""


def _remark(source: str, name: str) -> str:
    found = re.search(rf"^    {name} = .*?  # (.+)$", source, re.MULTILINE)
    return f"; {found[1]}" if found else ""


def _holds(field: Any) -> str:
    match field:
        case models.OneToOneField() | models.ForeignKey():
            to = field.remote_field.model._meta.verbose_name
            one = ", one row each" if isinstance(field, models.OneToOneField) else ""
            said = f"a {to}{one}" if to[0] not in "aeiou" else f"an {to}{one}"
        case models.CharField(choices=choices) if choices:
            said = "one of " + ", ".join(f"`{value}`" for value, _ in choices)
        case models.EmailField():
            said = "an email address"
        case models.CharField():
            said = f"text of at most {field.max_length} characters"
        case models.TextField():
            said = "text"
        case models.DateTimeField():
            said = "a moment, UTC"
        case models.DateField():
            said = "a date in London"
        case models.BooleanField():
            said = "yes or no"
        case models.JSONField():
            said = "a list" if field.default is list else "pairs of name and value"
        case models.BinaryField():
            said = "bytes"
        case models.IntegerField():
            said = "a whole number"
        case _:
            said = str(field.description)
    return said + ("; may be empty" if field.null or field.blank else "")


# --- Pages --------------------------------------------------------------------------------------


def addresses() -> str:
    rows = []
    for address, pattern in sorted(_patterns(get_resolver())):
        view = inspect.unwrap(pattern.callback)
        what = first_sentence(view.__doc__) or str(pattern.name).replace("-", " ")
        rows.append((f"`/{address}`", what[:1].upper() + what[1:], _who(str(pattern.name))))
    return page(
        "Pages",
        "Every address of the web application, written from its URLs and views and from the table "
        "in `tests/home/sweep.py`, to which a test holds each page. *Who* names the access roles, "
        "or in italics the action one must be allowed: which roles may do it, and where, is in "
        "[who may do what](../explanation/access.md). What a page shows, and each button on it, "
        "asks again. A page about a service takes `?service=CODE`. Whoever may not is told who "
        "could, with status 403.",
        table(("address", "what", "who"), *rows),
    )


def _patterns(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in resolver.url_patterns:
        address = above + str(found.pattern)
        if isinstance(found, URLResolver):
            if found.app_name != "ninja":  # docs/reference/api.md
                yield from _patterns(found, address)
        else:
            yield address, found


def _who(name: str) -> str:
    """From the table that `tests/home/test_authorisation.py` holds every page to."""
    from surehand.people.access import DESCRIPTIONS, TABLE, AccessRole
    from tests.home import sweep

    asked = sweep.TABLE.get(name)
    if asked is None:
        return "–"
    if asked.public:
        return "anybody"
    if asked.only:
        return {"author": "its author"}.get(asked.only, "whoever brought it in")
    if asked.who == sweep.EVERYBODY:
        return "anybody signed in"
    whose = " or whoever it is about" if asked.subject else ""
    roles = asked.who or asked.does or frozenset()
    for action, (in_service, in_provider) in TABLE.items():
        if roles == in_service | in_provider:
            return f"*{action.value}*{whose}"
    return ", ".join(DESCRIPTIONS[r].title.lower() for r in AccessRole if r in roles) + whose


# --- Files in -----------------------------------------------------------------------------------


def columns() -> str:
    from surehand.imports.kind import kinds

    blocks = []
    for kind in kinds().values():
        formats = ", ".join(name.upper() if name != "ics" else ".ics" for name in kind.formats)
        blocks += [
            f"## {kind.name}",
            f"{kind.what} {formats}; at most {kind.max_rows:,} rows.",
        ]
        for layout in kind.layouts:
            if len(kind.layouts) > 1:
                blocks.append(f"### {layout.name}")
            blocks.append(
                table(
                    ("column", "must be there", "must be filled", "what", "example"),
                    *(
                        (
                            f"`{column.name}`",
                            "yes" if column.needed else "",
                            "yes" if column.filled else "",
                            column.what,
                            f"`{column.example}`" if column.example else "",
                        )
                        for column in layout.columns
                        if column.kept
                    ),
                )
            )
            dropped = [f"`{column.name}`" for column in layout.columns if not column.kept]
            if dropped:
                blocks.append(f"Accepted, and kept nowhere: {', '.join(dropped)}.")
    return page(
        "Columns of the files in",
        "Written from the kinds of file this installation takes. How to bring one in, and what is "
        "refused: [your own files](../how-to/import.md).",
        *blocks,
    )


PAGES: dict[str, Callable[[], str]] = {
    "explanation/access.md": access,
    "reference/cli.md": cli,
    "reference/import-columns.md": columns,
    "reference/models.md": tables,
    "reference/pages.md": addresses,
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "surehand.config.settings")
    os.environ.setdefault("SECRET_KEY", "writing documents needs none")
    django.setup()
    for name, written in PAGES.items():
        (DOCS / name).write_text(written(), encoding="utf-8")
    from surehand.competency.plan_document import starter
    from surehand.competency.reference import competencies_page
    from surehand.competency.themes import THEMES

    reference = DOCS / "reference/competencies.md"
    reference.write_text(competencies_page(starter(), THEMES), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
