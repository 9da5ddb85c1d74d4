"""Somebody supervised who passes the last check is signed off without waiting for the permission
to end; the rule of R5 still shows them as supervised until then."""

from datetime import timedelta

from django.test import Client

from surehand.readiness import queries
from surehand.readiness.rules import State
from surehand.support import actions as support
from tests.provider import NOW, World


def test_r5_r8_supervised_and_all_passed_can_be_signed_off(world: World, client: Client) -> None:
    post = world.posts["dan"]
    world.pass_all("sam")
    world.sign_off("sam")
    support.permit(
        by=world.by("ruth"),
        post=post,
        until=NOW + timedelta(days=14),
        competencies=[world.check("C04").competency_id],
        supervisors=[world.people["sam"].pk],
        failed=[],
    )
    world.pass_all("dan")
    assert queries.state_at(post, at=NOW) is State.SUPERVISED
    client.force_login(world.people["helen"].sign_in)
    assert "Sign off Daniela Popescu" in client.get("/sign-off/?service=ALD").content.decode()
    assert "1 person waits for your sign-off" in client.get("/").content.decode()
    world.sign_off("dan")
    assert queries.state_at(post, at=NOW) is State.INDEPENDENT
    assert "Sign off Daniela Popescu" not in client.get("/sign-off/").content.decode()
