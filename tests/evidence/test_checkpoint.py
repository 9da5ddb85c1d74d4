"""Checkpoints: signed notes that anybody can check with the public key they pinned."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from surehand.evidence import verify
from surehand.evidence.checkpoint import Key, NotANote, Signer, parse_note

SIGNER = Signer("example/ledger", bytes(range(32)))
ROOT = bytes(range(32, 64))


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [  # RFC 8032, section 7.1, tests 1 to 3
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_published_signatures(public: str, message: str, signature: str) -> None:
    assert verify.ed25519(
        public=bytes.fromhex(public),
        signature=bytes.fromhex(signature),
        message=bytes.fromhex(message),
    )


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60), st.integers(0, 64 * 8 - 1))
def test_the_small_verifier_agrees_with_the_library(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify.ed25519(public=public, signature=signature, message=message)
    altered = bytearray(signature)
    altered[bit // 8] ^= 1 << bit % 8
    assert not verify.ed25519(public=public, signature=bytes(altered), message=message)
    assert not verify.ed25519(public=public, signature=signature, message=message + b"x")


def test_a_checkpoint_reads_as_the_published_format() -> None:
    note = SIGNER.sign(size=7, root=ROOT)
    assert note.decode().split("\n")[:4] == [
        "example/ledger",
        "7",
        "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
        "",
    ]
    read = parse_note(note)
    assert (read.origin, read.size, read.root) == ("example/ledger", 7, ROOT)
    assert read.signed_by(Key.parse(str(SIGNER.key)))


def test_only_the_pinned_key_and_the_very_text_count() -> None:
    note = SIGNER.sign(size=7, root=ROOT)
    impostor = Signer("example/ledger", bytes(32))
    renamed = Signer("other/ledger", SIGNER.seed)
    assert not parse_note(note).signed_by(impostor.key)
    assert not parse_note(note).signed_by(renamed.key)
    assert not parse_note(note.replace(b"\n7\n", b"\n8\n")).signed_by(SIGNER.key)
    # A second signature, as a witness adds one, does no harm and helps nobody.
    witness = b"\xe2\x80\x94 witness.example AAAAAAAA\n"
    assert parse_note(note + witness).signed_by(SIGNER.key)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"a\n07\nICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"a\n7\nICEi\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"a\n7\nICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n",
        b"a\n7\nICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n\n- a AAAAAAAA\n",
        b"\xff\xfe",
    ],
)
def test_what_is_no_checkpoint_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(NotANote, match="not a checkpoint"):
        parse_note(content)


@pytest.mark.parametrize("line", ["", "a+b", "a+00000000+AAAA", "a+b+c+d", "é+1+%%%"])
def test_what_is_no_key_is_refused_with_a_sentence(line: str) -> None:
    with pytest.raises(NotANote, match="public key"):
        Key.parse(line)


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "checkpoint.key"
    made = Signer.kept_in(path, name="example/ledger")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert Signer.kept_in(path, name="example/ledger") == made
    with pytest.raises(NotANote, match="example/ledger"):
        Signer.kept_in(path, name="other/ledger")
    path.write_text("nonsense")
    with pytest.raises(NotANote, match="does not hold"):
        Signer.kept_in(path, name="example/ledger")
    with pytest.raises(NotANote, match="no spaces"):
        Signer.kept_in(tmp_path / "other", name="my ledger")
