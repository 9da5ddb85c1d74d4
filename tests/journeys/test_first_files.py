"""Journey: an empty provider brings in its services, people, rota and ASC-WDS workers."""

from collections.abc import Callable

from surehand.people.asc_wds import WORKER_HEADER, WORKPLACE_HEADER
from tests.journeys.conftest import Visit
from tests.journeys.steps import bring_in
from tests.provider import World


def csv(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def wds(header: tuple[str, ...], **values: str) -> str:
    return csv(",".join(header), ",".join(values.get(name, "") for name in header))


def test_services_people_rota_and_workers_come_in_by_file(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given an administrator, with a new service in a file
    ada = visit("ada")
    bring_in(
        ada,
        "Services",
        "services.csv",
        csv("service_id,name,setting,go_live_date", "ELM,Elm Lodge,R,2026-11-02"),
    )
    ada.sees("Elm Lodge").presses("Bring them in").heading("Done")

    # When she brings in its people, one row is refused with its reason
    bring_in(
        ada,
        "People and posts",
        "people.csv",
        csv(
            "person_id,name,role,service_id,employment,start_date",
            "E1,Isla Moreno,Care worker,ELM,permanent,2026-11-02",
            "E2,Jonah Pryce,Care worker,ELMS,permanent,2026-11-02",
        ),
    )
    ada.heading("Is this what you expect?").sees("Isla Moreno").sees("ELMS")
    ada.presses("Bring in the good rows").heading("Done, except for the rows refused")

    # Then the refused row is a file, corrected and brought in
    with ada.page.expect_download() as download:
        ada.page.get_by_role("link", name="The refused rows as a file").click()
    refused = download.value.path().read_text(encoding="utf-8-sig")
    assert "Jonah Pryce" in refused
    assert "Isla Moreno" not in refused
    bring_in(ada, "People and posts", "people-refused.csv", refused.replace("ELMS", "ELM"))
    ada.presses("Bring them in").heading("Done")

    # And the rota: one shift names nobody who is known
    bring_in(
        ada,
        "Rota",
        "rota.csv",
        csv(
            "shift_id,service_id,person_id,starts_at,ends_at",
            "R1,ELM,E1,2026-11-20T07:30,2026-11-20T19:30",
            "R2,ELM,E9,2026-11-20T07:30,2026-11-20T19:30",
        ),
    )
    ada.sees("no person “E9”").presses("Bring in the good rows").sees("1 row added")

    # Then the workforce lead finds them, and who may work
    helen = visit("helen").goes_to("/people/?service=ELM")
    helen.sees("Isla Moreno").sees("Jonah Pryce")
    helen.goes_to("/live-use/?service=ELM").sees("1 of 1 shift is not")


def test_workers_come_in_as_skills_for_cares_files_have_them(
    world: World, visit: Callable[..., Visit]
) -> None:
    # Given a workplace file; what it does not say, the setting, is asked for
    ada = visit("ada")
    bring_in(
        ada,
        "ASC-WDS",
        "workplace.csv",
        wds(WORKPLACE_HEADER, LOCALESTID="OAK", STATUS="NEW", ESTNAME="Oak House"),
    )
    ada.page.get_by_role("combobox").first.select_option(label="residential care")
    ada.presses("Use these answers").presses("Bring them in").heading("Done")
    # And workers: what is not needed is not shown, nor kept
    bring_in(
        ada,
        "ASC-WDS",
        "workers.csv",
        wds(
            WORKER_HEADER,
            LOCALESTID="OAK",
            UNIQUEWORKERID="W1",
            STATUS="NEW",
            DISPLAYID="Ola Grey",
            STARTDATE="02/06/2025",
            EMPLSTATUS="1",
            MAINJOBROLE="8",
            NINUMBER="QQ123456C",
            SALARY="23456.78",
        ),
    )
    ada.does_not_see("QQ123456C").does_not_see("23456.78")
    ada.presses("Bring them in").heading("Done")

    # Then the workforce lead finds her
    visit("helen").goes_to("/people/?service=OAK").sees("Ola Grey")
