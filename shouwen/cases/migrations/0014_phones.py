"""The number that a caller left is found as those of residents are; what is on record already gets its digests."""

from typing import Any

from django.conf import settings
from django.db import connection, migrations, models

from shouwen.kernel import phones, vault

COLUMNS = ("phone_whole", "phone_last8", "phone_last4")
BATCH = 2000


def fill(_apps: Any, _schema_editor: Any) -> None:
    """Digests of every sealed number. One that no key of this machine opens stays as it is: not found, not lost."""
    after = "00000000-0000-0000-0000-000000000000"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select id, phone from cases_case where phone is not null and phone_whole is null and id > %s"
                f" order by id limit {BATCH}",
                [after],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            found = [(key, *phones.digests(number)) for key, blob in rows if (number := _opened(blob))]
            cursor.execute(
                "update cases_case set phone_whole = f.whole, phone_last8 = f.last8, phone_last4 = f.last4"
                " from unnest(%s::uuid[], %s::bytea[], %s::bytea[], %s::bytea[]) f(id, whole, last8, last4)"
                " where cases_case.id = f.id",
                [list(column) for column in zip(*found, strict=True)] if found else [[], [], [], []],
            )
            after = rows[-1][0]


def _opened(blob: Any) -> str:
    try:
        return str(vault.open(blob, "case.phone"))
    except vault.Unreadable:
        return ""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_asker"),
        ("estate", "0006_public_days"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *(migrations.AddField("case", name, models.BinaryField(null=True)) for name in COLUMNS),
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(
            migrations.AddIndex(
                "case",
                models.Index(
                    fields=["community", name],
                    name=f"case_{name}",
                    condition=models.Q(**{f"{name}__isnull": False}),
                ),
            )
            for name in COLUMNS
        ),
    ]
