import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0004_not_for_oneself"),
        ("practice", "0002_playing_clock"),
    ]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="attempt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assessments",
                to="practice.attempt",
            ),
        ),
    ]
