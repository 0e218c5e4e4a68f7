"""Who may see and import materials: the posts of the manuals by their table, others where they import the estate."""

from django.db import migrations

from shouwen.people.rights import POSTS

NEW = ("material.see", "material.import")


def widen(apps, schema_editor):
    table = {p.code: p.rights.split() for p in POSTS}
    for row in apps.get_model("people", "Post").objects.all():
        meant = table.get(row.code, NEW if "estate.import" in row.rights else ())
        if more := [right for right in NEW if right in meant and right not in row.rights]:
            row.rights = [*row.rights, *more]
            row.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("people", "0010_billing_rights")]

    operations = [migrations.RunPython(widen, migrations.RunPython.noop)]
