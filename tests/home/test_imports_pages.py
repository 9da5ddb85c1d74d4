"""The pages of files in: upload, preview, confirm, and the file of refused rows."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from surehand.imports.actions import save_mapping
from surehand.imports.mapping import ColumnMap, Source
from surehand.imports.models import ImportRun, PendingImport, RefusedRows
from surehand.people.access import COMMAND_LINE
from surehand.people.models import Identity, Service
from surehand.people.people_file import Services
from tests.provider import World

HEADER = "person_id,name,role,service_id,employment,start_date"
GOOD = "N1,New Starter,CW,ALD,permanent,2026-11-02"
BAD = "N2,Second Starter,CW,ALD,permanent,soon"


@pytest.fixture
def signed_in(world: World) -> Any:
    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name].sign_in)
        return client

    return signed_in


def send(client: Client, kind: str, text: str | bytes, name: str = "people.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return client.post(reverse("import-file", args=[kind]), {"file": file})


def words(response: Any) -> str:
    return response.content.decode()


def test_from_upload_to_the_refused_rows(signed_in: Any) -> None:
    ruth = signed_in("ruth")
    response = send(ruth, "people", f"{HEADER}\n{GOOD}\n{BAD}\n")
    assert response.status_code == 302
    shown = words(ruth.get(response.url))
    assert "New Starter" in shown
    assert "“soon” is not a date" in shown
    assert not Identity.objects.filter(reference="N1").exists()
    pending = PendingImport.objects.get()
    assert "Second Starter" in words(ruth.get(reverse("import-refused-now", args=[pending.pk])))
    assert "nothing is written yet" in words(ruth.get(reverse("imports")))
    done = ruth.post(reverse("import-confirm", args=[pending.pk]))
    run = ImportRun.objects.latest("entry")
    assert done.url == reverse("import-done", args=[run.entry])
    assert Identity.objects.filter(reference="N1").exists()
    assert "1 refused" in words(ruth.get(done.url))
    rows = reverse("import-refused", args=[RefusedRows.objects.get().pk])
    assert f"{BAD},“soon” is not a date" in words(ruth.get(rows))
    assert not PendingImport.objects.exists()
    home = words(ruth.get(reverse("imports")))
    assert "People and posts" in home
    assert ">Services<" not in home  # only an administrator brings in services


def test_a_known_layout_asks_nothing_again_for_its_sums(signed_in: Any) -> None:
    columns = ("No", "Who", "Job", "Home", "Contract", "Start")
    ours = ("person_id", "name", "role", "service_id", "employment", "start_date")
    sources = {name: Source(columns=(theirs,)) for name, theirs in zip(ours, columns, strict=True)}
    sources["role"] = Source(columns=("Job",), words={"hca": "CW", "cook": ""})
    save_mapping(by=COMMAND_LINE, kind="people", name="Payroll", rules=ColumnMap(columns, sources))
    first = ",".join(columns)
    rows = "N1,New Starter,HCA,ALD,permanent,2026-11-02\nN2,A Cook,Cook,ALD,permanent,2026-11-02\n"
    ruth = signed_in("ruth")
    response = send(ruth, "people", f"{first}\n{rows},,Total staff:,,,2\n")
    assert response.url == reverse("import-preview", args=[PendingImport.objects.get().pk])
    shown = words(ruth.get(response.url))
    assert "Left out because they only sum up: row 4." in shown
    assert "Left out, as the layout says: row 3." in shown
    # A word that it does not know is asked.
    response = send(ruth, "people", f"{first}\n{rows}N3,A Gardener,Gardener,ALD,permanent,1\n")
    asked = reverse("import-words", args=[PendingImport.objects.latest("pk").pk])
    assert ruth.get(response.url).url == asked


def test_cancelling_leaves_nothing(signed_in: Any) -> None:
    ruth = signed_in("ruth")
    send(ruth, "people", f"{HEADER}\n{GOOD}\n")
    ruth.post(reverse("import-cancel", args=[PendingImport.objects.get().pk]))
    assert not PendingImport.objects.exists()
    assert not Identity.objects.filter(reference="N1").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty"),
        ("a\n1\n", "needs the columns person_id"),
        ("%PDF", "document"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_beside_the_field(
    signed_in: Any, text: str, sentence: str
) -> None:
    response = send(signed_in("ruth"), "people", text)
    assert response.status_code == 422
    assert sentence in words(response)
    assert "There is a problem" in words(response)


def test_the_file_to_begin_with_can_be_brought_in(signed_in: Any) -> None:
    ada = signed_in("ada")
    text = words(ada.get(reverse("import-template", args=["services"])))
    response = send(ada, "services", text.replace("ALDER", "NEW1"))
    ada.post(reverse("import-confirm", args=[PendingImport.objects.get().pk]))
    assert response.status_code == 302
    assert Service.objects.filter(code="NEW1").exists()


def test_the_setting_of_a_workplace_is_chosen_in_the_preview(signed_in: Any) -> None:
    from surehand.people.asc_wds import WORKPLACE_HEADER

    row = {"LOCALESTID": "BM-1", "STATUS": "NEW", "ESTNAME": "Brindle", "LOCATIONID": "1-1"}
    text = ",".join(WORKPLACE_HEADER) + "\n" + ",".join(row.get(h, "") for h in WORKPLACE_HEADER)
    ada = signed_in("ada")
    preview = send(ada, "asc-wds", text, "w.csv").url
    assert "What is the setting of Brindle" in words(ada.get(preview))
    assert ada.post(preview, {"choice-0": "H"}).url == preview
    ada.post(reverse("import-confirm", args=[PendingImport.objects.get().pk]))
    assert Service.objects.get(code="BM-1").setting == "H"


def test_nobody_else_sees_or_confirms_an_upload(signed_in: Any) -> None:
    send(signed_in("ruth"), "people", f"{HEADER}\n{GOOD}\n{BAD}\n")
    pending = PendingImport.objects.get().pk
    quinn = signed_in("quinn")
    for name in ("import-preview", "import-refused-now"):
        response = quinn.get(reverse(name, args=[pending]))
        assert response.status_code == 409
        assert "New Starter" not in words(response)
    assert quinn.post(reverse("import-confirm", args=[pending])).status_code == 409
    signed_in("ruth").post(reverse("import-confirm", args=[pending]))
    rows = reverse("import-refused", args=[RefusedRows.objects.get().pk])
    assert quinn.get(rows).status_code == 404


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("ada", "services", 200),
        ("ada", "people", 200),
        ("helen", "people", 200),
        ("ruth", "rota", 200),
        ("ruth", "services", 403),
        ("helen", "services", 403),
        ("tessa", "people", 403),
        ("dan", "rota", 403),
        ("paul", "people", 403),
    ],
)
def test_who_may_bring_in_what(signed_in: Any, name: str, kind: str, status: int) -> None:
    client = signed_in(name)
    assert client.get(reverse("import-file", args=[kind])).status_code == status
    assert client.get(reverse("import-template", args=[kind])).status_code == status
    assert send(client, kind, "").status_code == (422 if status == 200 else 403)


def test_no_way_in_without_a_right_to_import(signed_in: Any) -> None:
    assert signed_in("dan").get(reverse("imports")).status_code == 403
    assert signed_in("ruth").get("/imports/nothing/").status_code == 404


def test_an_import_by_another_kind_of_person_is_not_shown(signed_in: Any) -> None:
    ada, ruth = signed_in("ada"), signed_in("ruth")
    send(ada, "services", "service_id,name,setting,go_live_date\nX1,X,R,\n")
    done = ada.post(reverse("import-confirm", args=[PendingImport.objects.get().pk])).url
    assert ada.get(done).status_code == 200
    assert ruth.get(done).status_code == 403


def test_a_service_that_is_not_there_is_told_by_the_ids_as_they_were_given(world: World) -> None:
    _, why = Services(world.by("ada")).find("NOPE")
    assert why == "There is no service “NOPE”. Write one of: ALD, QUA."


def test_whoever_may_settle_rows_kept_aside_is_led_to_them(world: World, signed_in: Any) -> None:
    queenie = signed_in("queenie")
    aside = reverse("kept-aside")
    assert aside not in words(queenie.get(reverse("imports")))
    nobody = (
        "record_id,service_id,subject_id,author_id,record_type,section,occurred_at,recorded_at,text"
        "\nR1,ALD,,k.nowak,note,food,2026-11-02T09:00,2026-11-02T09:10,Had tea."
    )
    preview = send(queenie, "records", nobody, "records.csv")
    queenie.post(reverse("import-confirm", args=[PendingImport.objects.get().pk]))
    assert preview.status_code == 302
    page = words(queenie.get(reverse("imports")))
    assert "1 row is kept aside" in page
    assert aside in page
    assert aside not in words(signed_in("ruth").get(reverse("imports")))
