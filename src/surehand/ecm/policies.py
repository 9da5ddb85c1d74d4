"""In which state a version of an ECM profile can be published."""

from dataclasses import replace

from surehand.ecm.profile import Profile
from surehand.evidence.refusal import NotPossible


def check_version(profile: Profile, *, last: Profile | None) -> None:
    """A version comes after the last one of its code, and says something else."""
    if last is None:
        return
    if profile.order <= last.order:
        raise NotPossible(
            f"The last version of this profile is {last.version}, so the next has a higher number. "
            f"Write version: “{last.next_version}”."
        )
    if replace(profile, version=last.version) == last:
        raise NotPossible(
            f"This profile says the same as version {last.version}. Nothing to publish."
        )


def check_seen(last: Profile | None, *, seen: str | None) -> None:
    """Nobody publishes over a version they have not seen; `seen` None: not asked."""
    if seen is not None and last is not None and seen != last.version:
        raise NotPossible(
            f"Version {last.version} of this profile was published meanwhile, so yours is not "
            "published yet. Look at what it changes again."
        )
