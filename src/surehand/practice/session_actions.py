"""The only writer of group sessions: opened by a trainer, joined with a code, ended."""

from surehand import evidence
from surehand.evidence.refusal import NotPermitted, NotPossible
from surehand.people.access import Action, By, check_may
from surehand.people.models import Person, Service
from surehand.people.signing_in import attempts as tries
from surehand.practice import actions, policies, queries, sessions
from surehand.practice.models import Attempt, PracticeSession, PracticeSessionEnd

LETTERS = "34679CDFHJKMNPRTWXY"
"""None looks like another, and without vowels they make no word."""

LENGTH = 5


def open_session(*, by: By, service: Service, scenario: str, mode: Attempt.Mode) -> PracticeSession:
    """Open a group session at the newest version of a scenario, given by its code. Raises
    NotPermitted or NotPossible."""
    check_may(by, Action.ASSESS, service=service.pk)
    playable = queries.scenarios().get(scenario)
    if playable is None:
        raise NotPossible("There is no such scenario. Choose one from the list.")
    policies.check_setting(playable.scenario, service.setting)
    with evidence.act("practice.session_opened", by=by.actor) as act:
        session = PracticeSession(
            service=service,
            scenario=actions.kept_version(act, playable),
            mode=mode,
            code=_new_code(taken=sessions.codes_in_use(at=act.recorded_at)),
            by_id=by.acting(),
        )
        act.record(session)
        named = f"{scenario} {playable.scenario.version}"
        act.state(scenario=named, mode=str(mode), service=service.code)
    return session


def _new_code(*, taken: frozenset[str]) -> str:
    while True:
        # What is left of 256 over a multiple of the letters would make some likelier than others.
        fair = 256 - 256 % len(LETTERS)
        drawn = [byte for byte in evidence.randomness.token_bytes(64) if byte < fair]
        code = "".join(LETTERS[byte % len(LETTERS)] for byte in drawn[:LENGTH])
        if len(code) == LENGTH and code not in taken:
            return code


def session_with(*, by: By, code: str, address: str) -> PracticeSession:
    """The open session with this code, as somebody types it. Guessing is slow: wrong codes are
    counted for whoever types them and for the network `address`. Raises NotPermitted or
    NotPossible."""
    now = evidence.clock.now()
    guess = tries.begin(
        what="session code",
        account=by.pseudonym,
        device=None,
        address=address,
        at=now,
        instead="ask your trainer to read the code out",
    )
    typed = "".join(letter for letter in code.upper() if letter.isalnum())[: LENGTH + 1]
    session = sessions.session_with(typed, at=now)
    if session is None:
        guess.failed()
        raise NotPossible("No open session has this code. Look at it again, letter by letter.")
    guess.succeeded()
    check_may_join(by=by, session=session)
    return session


def check_may_join(*, by: By, session: PracticeSession) -> None:
    """Whoever has a post at the service may join, but not who opened it (R14). Raises NotPermitted
    or NotPossible."""
    now = evidence.clock.now()
    policies.check_session_open(session, at=now)
    if by.is_self(session.by_id):
        raise NotPermitted("You opened this session. Ask a colleague to open one for you.")
    posts = [one.post for one in queries.working(by.same_human, at=now)]
    policies.check_has_post(posts, session.service, who="You")


def join_session(*, by: By, person: Person, session: PracticeSession) -> Attempt:
    """Begin a go in a session, in its mode: a check counts as begun with an assessor. Raises
    NotPermitted or NotPossible."""
    if not by.is_self(person.pk):
        raise NotPermitted("People join for themselves, with the code.")
    check_may_join(by=by, session=session)
    return actions.begin(
        by=by,
        person=person,
        service=session.service,
        playable=sessions.playable(session),
        mode=Attempt.Mode(session.mode),
        session=session,
    )


def end_session(*, by: By, session: PracticeSession) -> PracticeSessionEnd:
    """Nobody joins any more; whoever is in the middle may finish. Raises NotPermitted or
    NotPossible."""
    check_may(by, Action.ASSESS, service=session.service_id)
    policies.check_session_open(session, at=evidence.clock.now())
    with evidence.act("practice.session_ended", by=by.actor) as act:
        end = PracticeSessionEnd(session=session, by_id=by.acting())
        act.record(end)
        act.state(of=session.entry)
    return end
