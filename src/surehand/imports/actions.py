"""Column mappings are saved, changed and deleted here."""

from surehand import evidence
from surehand.evidence.refusal import NotPossible
from surehand.imports.kind import By, find
from surehand.imports.mapping import ColumnMap
from surehand.imports.models import ColumnMapping


def save_mapping(
    *, by: By, kind: str, name: str, rules: ColumnMap, mapping: ColumnMapping | None = None
) -> ColumnMapping:
    """Save a column mapping under a name, in the place of `mapping` or of one of the same name.

    The entry says which, by its digest; names stay out of the ledger. Raises NotPermitted unless
    `by` may import files of this kind, NotPossible where another mapping has the name.
    """
    find(kind).check(by)
    name = " ".join(name.split())
    same = ColumnMapping.objects.filter(import_kind=kind, name=name).first()
    if mapping is not None and same is not None and same != mapping:
        raise NotPossible(f"There is a mapping called “{name}” already. Give this another name.")
    kept = mapping or same or ColumnMapping(import_kind=kind)
    if kept.pk and (kept.name, kept.rules) == (name, rules.as_json()):
        return kept
    with evidence.act("import_mapping.saved", by=by.actor) as act:
        act.state(kind=kind, mapping=rules.digest().hex())
        kept.name, kept.rules = name, rules.as_json()
        kept.at, kept.by = act.recorded_at, by.actor.pseudonym
        kept.save()
    return kept


def delete_mapping(*, by: By, mapping: ColumnMapping) -> None:
    """Delete a saved column mapping. Imports made with it stay, and say its digest.

    Raises NotPermitted unless `by` may import files of this kind.
    """
    find(mapping.import_kind).check(by)
    with evidence.act("import_mapping.deleted", by=by.actor) as act:
        digest = ColumnMap.from_json(mapping.rules).digest()
        act.state(kind=mapping.import_kind, mapping=digest.hex())
        mapping.delete()
