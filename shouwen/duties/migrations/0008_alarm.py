import django.db.models.deletion
from django.db import migrations, models

# What still rings, and what has climbed; the rest has nothing to remember.
COPY = """
insert into duties_alarm (duty_id, at, rung)
select id, next_at, rung from duties_duty where next_at is not null or rung > 0
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0007_digest")]

    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "duty",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="alarm",
                        serialize=False,
                        to="duties.duty",
                    ),
                ),
                ("at", models.DateTimeField(null=True)),
                ("rung", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(COPY),
        migrations.AddIndex(
            model_name="alarm",
            index=models.Index(condition=models.Q(("at__isnull", False)), fields=["at"], name="alarm_at"),
        ),
        migrations.RemoveIndex(model_name="duty", name="duty_next"),
        migrations.RemoveField(model_name="duty", name="next_at"),
        migrations.RemoveField(model_name="duty", name="rung"),
    ]
