"""`surehand doctor` and `surehand verify`: whether what is stored can be relied on."""

import os
from pathlib import Path

import click

from surehand.cli.main import main, print_json, refused, with_refusals
from surehand.cli.safety import unsafe_settings


@main.command()
@click.option(
    "--rebuild", "write", is_flag=True, help="Store readiness and the ledger's index anew."
)
@with_refusals
def doctor(write: bool) -> None:
    """Check the ledger, the facts, the guards, derived readiness and the settings.

    Exit code 1 when anything is wrong, with a sentence each.

    Example: surehand doctor
    """
    if wrong := report(write=write):
        raise refused(wrong)


def report(*, write: bool = False) -> str:
    """Print what each check finds; the sentence that says how many found something, or nothing."""
    from surehand.evidence import checks, index
    from surehand.governance import supported
    from surehand.readiness import projector

    if write:
        index.rebuild()
    found = [*checks.run(), *supported.checks()]
    rebuilt = projector.rebuild(write=write)
    if write:
        sentence = f"{rebuilt.posts} posts; {rebuilt.differing} spans written anew."
    elif rebuilt.differing:
        sentence = (
            f"{rebuilt.differing} stored spans differ from what the facts give. "
            "Run `surehand doctor --rebuild`."
        )
    else:
        sentence = f"The stored spans of {rebuilt.posts} posts equal those the facts give."
    found.append(("readiness", write or not rebuilt.differing, sentence))
    unsafe = unsafe_settings()
    found.append(("settings", not unsafe, " ".join(unsafe) or "Safe for use on this machine."))
    for name, well, sentence in found:
        click.echo(f"{'ok   ' if well else 'WRONG'}  {name}: {sentence}")
    wrong = sum(not well for _, well, _ in found)
    return f"{wrong} of {len(found)} checks found something wrong." if wrong else ""


@main.command()
@click.argument(
    "proof", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--ledger", is_flag=True, help="Verify this installation's ledger.")
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept outside: the ledger must contain it.",
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public key, in one line, that must have signed the checkpoint.",
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@with_refusals
def verify(
    proof: Path | None, ledger: bool, checkpoint: Path | None, key: Path | None, as_json: bool
) -> None:
    """Check every entry of the ledger, or one entry by its PROOF, and say what is proven, and what
    is not.

    A proof is checked by itself: neither this installation's database nor its key is asked. Exit
    code 1 when anything does not hold.

    Example: surehand verify --ledger --checkpoint kept.txt --key key.pub

    Example: surehand verify entry-41.proof.json --key key.pub
    """
    from surehand import evidence
    from surehand.evidence.verify import examine_proof

    if ledger == (proof is not None):
        raise click.UsageError("Name a proof to check, or --ledger for the whole ledger.")
    outside = checkpoint.read_bytes() if checkpoint else None
    pinned = key.read_bytes() if key else None
    if proof is not None:
        report = examine_proof(proof.read_bytes(), outside=outside, key=pinned)
    else:
        report = evidence.verify_ledger(outside, pinned, processes=os.cpu_count() or 1)
    if as_json:
        print_json(
            {
                "ok": report.ok,
                "size": report.size,
                "root": report.root.hex(),
                "problems": list(report.problems),
                "proven": list(report.proven),
                "not_proven": list(report.not_proven),
            }
        )
    else:
        click.echo(str(report))
    if not report.ok:
        raise click.exceptions.Exit(1)
