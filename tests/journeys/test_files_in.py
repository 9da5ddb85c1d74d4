"""Journey: a registered manager brings in a people file, sees what is wrong, and corrects it."""

from collections.abc import Callable

from tests.journeys.conftest import Visit

HEADER = "person_id,name,role,service_id,employment,start_date"


def choose(visit: Visit, text: str) -> None:
    visit.page.get_by_label("Your file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    visit.presses("Read the file")


def test_a_file_is_seen_corrected_and_brought_in(visit: Callable[..., Visit]) -> None:
    # Given a file with a good row and a bad one
    ruth = visit("ruth").goes_to("/imports/").heading("What do you want to bring in?")
    ruth.shot("imports").clicks("People and posts").shot("imports-upload")
    # When it is not a table at all, the page says so beside the field
    choose(ruth, "%PDF-1.7")
    ruth.sees("not a table but a document").shot("imports-refused")
    # When it can be read, it is shown before anything is written
    choose(
        ruth,
        f"{HEADER},shoe size\n"
        "N1,New Starter,CW,ALD,permanent,2026-11-02,4\n"
        "N2,Second Starter,Care wroker,ALD,permanent,02/11/2026,5\n",
    )
    ruth.heading("Is this what you expect?").sees("Did you mean “Care worker”?")
    ruth.sees("New Starter").sees("shoe size").shot("imports-preview")
    # Then the good rows are brought in, and the refused one waits as a file
    ruth.presses("Bring in the good rows").heading("Done, except for the rows refused")
    ruth.sees("The refused rows as a file").shot("imports-done")
    ruth.goes_to("/imports/").sees("Ruth").shot("imports-after")


def test_a_rota_on_a_phone(visit: Callable[..., Visit]) -> None:
    ruth = visit("ruth", phone=True).goes_to("/imports/rota/")
    choose(
        ruth,
        "shift_id,service_id,person_id,starts_at,ends_at\n"
        "S1,ALD,,2026-11-20T07:30,2026-11-20T15:30\nS2,ALD,NOBODY,2026-11-20T07:30,2026-11-20T15:30\nS3,ALD,,2026-11-20T07:30,\n",
    )
    ruth.sees("no person “NOBODY”").sees("ends_at is empty").shot("imports-phone")
    ruth.presses("Bring in the good rows").sees("1 row added")
