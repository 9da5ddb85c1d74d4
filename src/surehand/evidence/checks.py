"""Whether the evidence is sound: what `verify --ledger` and `doctor` say."""

import stat
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Max

from . import facts, guards, index, queries, tree, verify
from .canonical import NotCanonical
from .kinds import Fact
from .models import Checkpoint, Head

Check = tuple[str, bool, str]


def verify_ledger(
    checkpoint: bytes | None = None, key: bytes | str | None = None, *, processes: int = 1
) -> verify.Report:
    """Check every entry, the head and the checkpoints kept here, and one kept outside if given.

    `key` is the public key an outsider pinned (`name+id+key`). The report says what is proven and
    what is not. More than one of `processes` is for commands: they are forked.
    """
    head = Head.objects.get()
    inside = [("The head", head.size, tree.fold(tree.unpack(head.frontier)))]
    inside += [
        (f"The checkpoint over {kept.size} entries", kept.size, bytes(kept.root))
        for kept in Checkpoint.objects.order_by("size")
    ]
    return verify.examine(
        queries.contents(), outside=checkpoint, key=key, inside=inside, processes=processes
    )


def run() -> list[Check]:
    """The checks of `doctor`: name, whether all is well, and a sentence."""
    return [_guards(), _tree(), _facts(), _index(), *_sqlite(), _key()]


def _check(name: str, problems: list[str], well: str) -> Check:
    more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
    return name, not problems, " ".join(problems[:5]) + more if problems else well


def _guards() -> Check:
    return _check(
        "guards",
        guards.missing(),
        f"The guards of {len(guards.guarded_tables())} tables are in place.",
    )


def _tree() -> Check:
    report = verify_ledger()
    return _check(
        "ledger",
        list(report.problems),
        f"{report.size} entries; the head and every checkpoint equal the rebuilt tree.",
    )


def _facts() -> Check:
    said: dict[str, dict[int, tuple[int, tuple[str, ...], str]]] = {}
    problems: list[str] = []
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    seq = 0
    for seq, content in queries.contents():
        try:
            for row in verify.parse(content)["facts"]:
                names = tuple(row["columns"])
                names = shared.setdefault(names, names)
                said.setdefault(row["table"], {})[seq] = (row["count"], names, row["root"])
        except (NotCanonical, KeyError, TypeError):
            problems.append(f"Entry {seq} cannot be read.")
    for model in fact_models():
        problems += facts.by_entry(model, said.pop(model._meta.label, {}), upto=seq)
        # Others may be writing meanwhile: facts come with their entry, so look at them first.
        newest = model._base_manager.aggregate(Max("entry"))["entry__max"] or 0
        if newest > queries.last_seq():
            problems.append(
                f"{model._meta.label}: a fact names entry {newest}, which is not there."
            )
    problems += [f"The ledger speaks of {table}, which is not here." for table in sorted(said)]
    return _check("facts", problems, "Every fact is as its entry recorded it, and none is missing.")


def _index() -> Check:
    try:
        found = list(index.problems())
    except NotCanonical:
        found = ["It cannot be compared: an entry cannot be read."]
    return _check("index", found, "What entries name is indexed as they say.")


def fact_models() -> Iterator[type[Fact]]:
    """Every concrete kind of fact."""
    for model in apps.get_models():
        if issubclass(model, Fact) and model._meta.managed and not model._meta.proxy:
            yield model


def _sqlite() -> Iterator[Check]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        answers = {
            pragma: cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        }
    version = connection.Database.sqlite_version_info  # type: ignore[attr-defined]
    shown = ".".join(map(str, version))
    # The WAL-reset corruption bug was mended in 3.51.3.
    yield (
        "SQLite",
        version >= (3, 51, 3),
        f"SQLite {shown}."
        if version >= (3, 51, 3)
        else f"SQLite {shown} can damage a write-ahead log; install a current pysqlite3.",
    )
    durable = answers["synchronous"] == 2 and answers["foreign_keys"] == 1
    # A database in memory, as tests use, has no log.
    durable = durable and answers["journal_mode"] in {"wal", "memory"}
    yield (
        "durability",
        durable,
        f"journal_mode={answers['journal_mode']}, synchronous={answers['synchronous']}, "
        f"foreign_keys={answers['foreign_keys']}"
        + ("." if durable else "; they should be wal, 2 and 1."),
    )


def _key() -> Check:
    path = settings.CHECKPOINT_KEY
    if not path.exists():
        return "checkpoint key", True, "It will be made with the first checkpoint."
    mode = stat.S_IMODE(path.stat().st_mode)
    open_to_others = bool(mode & 0o077)
    return (
        "checkpoint key",
        not open_to_others,
        f"{path} can be read by others (mode {mode:o}); make it 600."
        if open_to_others
        else "Its owner alone can read it.",
    )
