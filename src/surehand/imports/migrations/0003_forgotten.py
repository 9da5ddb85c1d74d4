"""What waits and what was refused is sealed from here on. What stood in clear goes: it was to be
kept for a day and for a week, and whoever brought the file in has it still.
"""

from django.db import migrations


def forget(apps, schema_editor):
    for name in ("PendingPart", "PendingImport", "RefusedRows"):
        apps.get_model("imports", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_matched_and_in_parts")]

    operations = [migrations.RunPython(forget, forget)]
