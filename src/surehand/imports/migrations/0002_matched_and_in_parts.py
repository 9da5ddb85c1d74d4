"""Files that wait are in parts, may have their columns matched first, and are worked on by a worker.

What waited before is forgotten: drafts, to be uploaded again.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel(
            name="PendingImport",
        ),
        migrations.DeleteModel(
            name="RefusedRows",
        ),
        migrations.CreateModel(
            name="PendingImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("import_kind", models.CharField(max_length=30)),
                ("layout", models.CharField(max_length=30)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("columns", "Its columns are to be matched"),
                            ("reading", "Being read"),
                            ("ready", "Waiting for a yes"),
                            ("writing", "Being brought in"),
                            ("done", "Brought in"),
                            ("failed", "Cannot be brought in"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                ("remarks", models.JSONField(default=list)),
                ("digest", models.BinaryField(max_length=32)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("mapping_digest", models.BinaryField(default=b"", max_length=32)),
                ("sheets", models.JSONField(default=list)),
                ("matching", models.JSONField(default=dict)),
                ("choices", models.JSONField(default=dict)),
                ("by", models.CharField(max_length=32)),
                ("signed_in", models.CharField(default="", max_length=20)),
                ("summary", models.JSONField(default=dict)),
                ("refused", models.BinaryField(default=b"")),
                ("task", models.CharField(default="", max_length=40)),
                ("done_rows", models.PositiveIntegerField(default=0)),
                ("entry", models.BigIntegerField(null=True)),
                ("problem", models.CharField(default="", max_length=500)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="importrun",
            name="mapping_digest",
            field=models.BinaryField(default=b"", max_length=32),
        ),
        migrations.CreateModel(
            name="ColumnMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("import_kind", models.CharField(max_length=30)),
                ("name", models.CharField(max_length=80)),
                ("rules", models.JSONField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=32)),
            ],
            options={
                "ordering": ["import_kind", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("import_kind", "name"), name="one_mapping_of_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedRows",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.BinaryField()),
                ("by", models.CharField(max_length=32)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_rows",
                        to="imports.importrun",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PendingPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.PositiveSmallIntegerField(default=0)),
                ("position", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "pending",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="imports.pendingimport",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pending", "sheet", "position"), name="one_part_at_a_position"
                    )
                ],
            },
        ),
    ]
