"""Who excuses also audits, and so do the departments of quality and operations."""

from django.db import migrations

DEPARTMENTS = ("quality_centre", "quality_dept", "operations_dept")
RIGHT = "duty.audit"


def widen(apps, schema_editor):
    post = apps.get_model("people", "Post")
    for row in post.objects.all():
        if RIGHT not in row.rights and ("duty.excuse" in row.rights or row.code in DEPARTMENTS):
            row.rights = [*row.rights, RIGHT]
            row.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("people", "0006_drafts")]

    operations = [migrations.RunPython(widen, migrations.RunPython.noop)]
