import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("estate", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Figure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kpi", models.CharField(max_length=40)),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "period",
                    models.CharField(choices=[("day", "日"), ("week", "周"), ("month", "月")], max_length=5),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("numerator", models.PositiveIntegerField()),
                ("denominator", models.PositiveIntegerField()),
                ("back_entries", models.PositiveIntegerField()),
                ("unconfirmed", models.PositiveIntegerField()),
                ("target", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                (
                    "base_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                (
                    "counted_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                (
                    "apart_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("frozen_at", models.DateTimeField()),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="estate.community"
                    ),
                ),
                (
                    "frozen_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("community", "kpi", "period", "first_day"), name="figure_once"
                    )
                ],
            },
        ),
    ]
