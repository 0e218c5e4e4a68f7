"""What still waited for the two readers that texted residents themselves is read by the one that writes letters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0004_lighter_notices"),
        ("kernel", "0003_signatures"),
    ]

    operations = [
        migrations.RunSQL(
            "update kernel_delivery set reader = 'homes' where reader in ('ratings', 'merged')",
            migrations.RunSQL.noop,
        )
    ]
