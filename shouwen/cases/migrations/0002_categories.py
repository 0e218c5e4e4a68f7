"""The categories that every house starts with."""

import tomllib
from pathlib import Path

from django.db import migrations


def seed(apps, _editor):
    Category = apps.get_model("cases", "Category")
    file = Path(__file__).resolve().parent.parent / "categories.toml"
    sort = 0
    for kind, rows in tomllib.loads(file.read_text(encoding="utf-8")).items():
        for code, (name, trade, words, *urgent) in rows.items():
            sort += 1
            Category.objects.get_or_create(
                code=code,
                defaults={
                    "name": name,
                    "kind": kind,
                    "trade": trade,
                    "words": words,
                    "urgent": bool(urgent),
                    "sort": sort,
                },
            )


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
