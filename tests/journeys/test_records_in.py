"""Journey: an export of an ECM system in an unknown layout is matched and brought in; what came in,
what was kept aside and whose the accounts are is seen."""

import json
from collections.abc import Callable

from surehand.people.models import EcmAccount
from surehand.records.models import KeptAside, LiveRecord
from tests.journeys.conftest import Visit
from tests.provider import World

ROWS = [
    {
        "Entry No": f"E{n}",
        "Home": "Alder House",
        "Resident": f"RES{n % 2}",
        "Entered By": "sam.t" if n else "nights",
        "Form": form,
        "Area": area,
        "Care Time": f"2026-11-17T0{n}:10",
        "Entry Time": f"2026-11-17T0{n}:25",
        "Narrative": "Heels looked fine, turned onto the left side.",
    }
    for n, (form, area) in enumerate(
        [("Progress note", "Skin"), ("Progress note", "Feet"), ("Progress note", "Sleep")]
    )
]
EXPORT = "\n".join(map(json.dumps, ROWS)).encode()


def test_an_export_of_an_unknown_layout_comes_in(visit: Callable[..., Visit], world: World) -> None:
    # Given an export with other columns and words than ours, as NDJSON
    queenie = visit("queenie").goes_to("/imports/").clicks("Live records")
    queenie.page.get_by_label("Your file").set_input_files(
        {"name": "export.ndjson", "mimeType": "application/octet-stream", "buffer": EXPORT}
    )
    queenie.presses("Read the file")
    # When its columns and words are matched
    queenie.heading("Which column is which?").sees("Heels looked fine").shot("records-columns")
    queenie.page.get_by_label("Column for Record id").select_option("Entry No")
    queenie.presses("Go on").heading("What do the words in this file mean?")
    queenie.page.get_by_label("“Progress note” is our").select_option("Daily note")
    queenie.fills("A name for this layout", "Care system").presses("Save and read the file")
    # Then the preview says what would come in, what is kept aside and which accounts are unknown
    queenie.heading("Is this what you expect?").sees("3 rows: 3 to add")
    queenie.sees("1 row is kept aside, and not lost: section “Feet”")
    queenie.sees("not linked to anybody then: nights, 1; sam.t, 1").shot("records-preview")
    queenie.presses("Bring them in").heading("Done")
    assert LiveRecord.objects.count() == 2
    # When the word is said, the row comes in
    queenie.clicks("What is kept aside, and why").heading("What came in and is kept aside?")
    queenie.sees("Section “Feet”").shot("kept-aside")
    queenie.page.get_by_label("It is what we call").select_option("Skin")
    queenie.presses("Take them in").sees("1 row came in.").sees("Nothing is kept aside.")
    assert LiveRecord.objects.count() == 3
    assert not KeptAside.objects.filter(done_by=None).exists()
    # And the accounts are seen, and linked by an administrator
    queenie.goes_to("/settings/accounts/").sees("sam.t").sees("Nobody knows").shot("accounts")
    ada = visit("ada").goes_to("/settings/").clicks("Accounts of the ECM system")
    ada.clicks("nights").heading("Whose is the account nights?")
    ada.page.get_by_label("Several people sign in with it").check()
    for name, value in (("Day", "1"), ("Month", "11"), ("Year", "2026")):
        ada.page.get_by_label(name, exact=True).last.fill(value)
    ada.presses("Link the account").sees("Shared by several people").shot("account")
    assert EcmAccount.objects.get(details__reference="nights").links.get().is_shared
