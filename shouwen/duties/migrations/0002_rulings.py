"""Values and calendars that count from a moment on, and what a duty keeps of them."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial"), ("estate", "0001_initial")]

    operations = [
        migrations.AddField("duty", "about_id", models.BigIntegerField(null=True)),
        migrations.AddField(
            "duty", "span", models.CharField(max_length=30, default=""), preserve_default=False
        ),
        migrations.AddField("duty", "budget", models.PositiveIntegerField(default=0), preserve_default=False),
        migrations.RemoveConstraint("policy", "policy_key"),
        migrations.AddField(
            "policy", "since", models.DateTimeField(default=BEGINNING), preserve_default=False
        ),
        migrations.AlterField("policy", "value", models.CharField(blank=True, max_length=30)),
        migrations.AlterField(
            "policy",
            "community",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="estate.community"
            ),
        ),
        migrations.AddConstraint(
            "policy", models.UniqueConstraint(fields=("community", "key", "since"), name="policy_key")
        ),
        migrations.CreateModel(
            name="KeptCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("body", models.JSONField()),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="estate.community"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("community", "version"), name="kept_calendar")
                ]
            },
        ),
    ]
