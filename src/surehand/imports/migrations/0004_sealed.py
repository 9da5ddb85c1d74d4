from django.db import migrations

from surehand.imports.sealed import Sealed, SealedJSON

WAITING = {"matching": dict, "problem": str, "remarks": list, "summary": dict}


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_forgotten")]

    operations = [
        # No database reads JSON or text as bytes; the rows are gone.
        *(migrations.RemoveField("pendingimport", name) for name in WAITING),
        *(
            migrations.AddField("pendingimport", name, SealedJSON(default=default))
            for name, default in WAITING.items()
        ),
        migrations.AlterField("pendingimport", "refused", Sealed(default=b"")),
        migrations.AlterField("pendingpart", "content", Sealed()),
        migrations.AlterField("refusedrows", "content", Sealed()),
    ]
