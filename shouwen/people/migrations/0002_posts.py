"""The posts of the manuals, as an office finds them on its first day."""

from django.db import migrations

from shouwen.people.rights import POSTS


def seed(apps, schema_editor):
    post = apps.get_model("people", "Post")
    known = set(post.objects.values_list("code", flat=True))
    post.objects.bulk_create(
        post(code=p.code, name=p.name, rights=p.rights.split(), totp=p.totp, sort=10 + sort)
        for sort, p in enumerate(POSTS)
        if p.code not in known
    )
    for p in POSTS:
        if p.reports_to and p.code not in known:
            post.objects.filter(code=p.code).update(reports_to_id=p.reports_to)


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
