from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_import_reference"),
        ("estate", "0002_importrun"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("back_entry", True), ("back_entry_by__isnull", True)),
                fields=["community", "opened_at"],
                name="case_unproven",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["community", "at"], name="follow_up_at"),
        ),
    ]
