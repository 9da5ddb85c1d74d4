"""What is sealed, and what a pseudonym is."""

import hmac
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from surehand.evidence import sealed as kept
from surehand.records.sealed import Unreadable, digest, pseudonym, seal, unseal

TEXT = st.text(max_size=200).filter(lambda t: t.isprintable() or not t)


@given(TEXT)
def test_what_is_sealed_opens_again_and_is_never_the_same_bytes(text: str) -> None:
    assert unseal(seal(text)) == text
    assert seal(text) != seal(text)


def test_another_key_or_a_changed_byte_opens_nothing(tmp_path: Path) -> None:
    sealed = seal("Gwen was tired.")
    with pytest.raises(Unreadable):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with override_settings(RECORDS_KEY=tmp_path / "another.key"), pytest.raises(Unreadable):
        unseal(sealed)
    assert b"Gwen" not in sealed


def test_the_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    with override_settings(RECORDS_KEY=tmp_path / "a", SUBJECTS_KEY=tmp_path / "b"):
        seal("x")
        pseudonym("R14", service="ALD")
    assert {oct(os.stat(tmp_path / name).st_mode)[-3:] for name in "ab"} == {"600"}


def test_a_pseudonym_is_the_same_each_time_and_another_at_another_service_or_with_another_key(
    tmp_path: Path,
) -> None:
    here = pseudonym("R14", service="ALD")
    assert here == pseudonym("R14", service="ALD")
    assert here != pseudonym("R14", service="QUAY")
    with override_settings(SUBJECTS_KEY=tmp_path / "another.key"):
        assert pseudonym("R14", service="ALD") != here
    assert "R14" not in here


@given(st.lists(st.text(), max_size=4))
def test_a_digest_is_keyed_as_the_standard_library_has_it(parts: list[str]) -> None:
    key = kept.key(settings.SUBJECTS_KEY)
    said = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8")
    assert digest(*parts) == hmac.digest(key, said, "sha256")[:16]


def test_a_digest_tells_its_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")
