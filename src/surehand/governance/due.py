"""What `surehand due` does about evidence: each answers sentences on what it did.

Done again it does nothing, and two at once do each thing once.
"""

from surehand import evidence
from surehand.evidence import queries
from surehand.evidence.refusal import NotPossible
from surehand.governance import erasing, mailing, retention
from surehand.records import forgotten
from surehand.ui.formats import number, plural


def clean_files() -> list[str]:
    """Take erased bytes out of the database's files, where no worker has."""
    erasing.catch_up()
    forgotten.finish()
    return ["The bytes of what was erased are gone from the database."] if erasing.clean() else []


def keep_no_longer() -> list[str]:
    """Erase what has been kept long enough."""
    erased = retention.apply()
    if erased:
        erasing.clean()
    return [f"{name}: {number(count)} erased, kept long enough." for name, count in erased.items()]


def sign() -> list[str]:
    """Make a checkpoint where entries have arrived since the last."""
    last = queries.last_checkpoint()
    size = evidence.last_seq()
    if not size or (last and last.size == size):
        return []
    made = evidence.make_checkpoint()
    return [f"The ledger is signed over {plural(made.size, 'entry', 'entries')}."]


def mail_checkpoint() -> list[str]:
    """Mail the newest checkpoint, once a week to each recipient. Raises NotPossible where the mail
    server refused one."""
    sent, failed = mailing.mail()
    if failed:
        raise NotPossible(
            f"{plural(failed, 'checkpoint')} could not be mailed, {number(sent)} were. "
            "It is tried again next time."
        )
    return [f"The checkpoint was mailed to {plural(sent, 'address', 'addresses')}."] if sent else []
