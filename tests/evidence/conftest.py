import pytest
from django.db import connection

from surehand.evidence import SYSTEM, act, guards, make_checkpoint
from tests.conftest import Database
from tests.evidence.sample import MODELS, Keyed, Sample


@pytest.fixture
def samples(template_database: Database) -> list[str]:
    """A database with tables of sample facts, guarded, each with a few rows; the tables' names."""
    tables = [model._meta.db_table for model in MODELS]
    with guards.lifted(), connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    guards.install(tables=tables)
    for number in (1, 2):
        with act("sample.recorded", by=SYSTEM) as opened:
            sample = opened.record(Sample(code=f"c{number}", left=number, right=None, slot=number))
            opened.record(Keyed(key=f"k{number}", sample=sample))
    make_checkpoint()
    return tables
