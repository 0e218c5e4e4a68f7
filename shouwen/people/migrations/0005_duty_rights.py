"""Who reads figures reads the compliance board; who supervises gives tasks and excuses."""

from django.db import migrations

WHO = {"duty.see": "report.see", "duty.give": "case.supervise", "duty.excuse": "case.supervise"}


def widen(apps, schema_editor):
    post = apps.get_model("people", "Post")
    for row in post.objects.all():
        added = [right for right, held in WHO.items() if held in row.rights and right not in row.rights]
        if added:
            row.rights = [*row.rights, *added]
            row.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("people", "0004_email")]

    operations = [migrations.RunPython(widen, migrations.RunPython.noop)]
