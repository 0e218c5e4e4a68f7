import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection


@pytest.mark.django_db
def test_the_database_counts_chinese_letters_as_letters():
    with connection.cursor() as cursor:
        cursor.execute("select datlocprovider, datlocale from pg_database where datname = current_database()")
        assert cursor.fetchone() == ("b", "C.UTF-8")
        cursor.execute("show data_checksums")
        assert cursor.fetchone() == ("on",)
    assert ContentType.objects.count() > 0
