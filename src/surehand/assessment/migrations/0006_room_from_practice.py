import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0005_from_an_attempt"),
        ("practice", "0005_group_session"),
    ]

    operations = [
        migrations.AddField(
            model_name="groupperson",
            name="attempt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="practice.attempt",
            ),
        ),
        migrations.AddField(
            model_name="groupperson",
            name="proposes",
            field=models.JSONField(default=dict),
        ),
    ]
