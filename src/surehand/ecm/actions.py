"""The only writer of ECM profile versions (R14: administrators)."""

from surehand import evidence
from surehand.ecm import policies
from surehand.ecm.models import ProfileVersion
from surehand.ecm.profile import load
from surehand.ecm.queries import last_version
from surehand.people.access import Action, By, check_may


def publish_profile(*, by: By, text: str, seen: str | None = None) -> ProfileVersion:
    """Publish an ECM profile document as the next version of its code.

    `seen` is the last version that whoever publishes has compared it with, "" where it is the
    first. Raises ProfileProblem with every problem of the document, NotPermitted or NotPossible.
    """
    check_may(by, Action.SETTINGS, service=None)
    profile = load(text)
    with evidence.act("profile.published", by=by.actor) as act:
        last = last_version(profile.code)
        policies.check_seen(last, seen=seen)
        policies.check_version(profile, last=last)
        version = act.record(
            ProfileVersion(
                code=profile.code,
                version=profile.version,
                effective=profile.effective,
                document=text,
                by_id=by.person,
            )
        )
        act.state(
            profile=profile.code,
            version=profile.version,
            effective=profile.effective.isoformat(),
            settings=list(profile.settings),
        )
    return version
