"""What later tables stand on: ranges with equality in one index, and the functions of the Chinese search."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from shouwen.kernel.text import SEARCH_SQL, SEARCH_SQL_REVERSE


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [BtreeGistExtension(), migrations.RunSQL(SEARCH_SQL, SEARCH_SQL_REVERSE)]
