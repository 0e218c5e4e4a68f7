import pytest

from shouwen.people.models import Staff
from shouwen.site import prepare
from shouwen.site.management.commands.demo import PASSWORD


@pytest.fixture
def opened(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("HOST", "0.0.0.0")
    return tmp_path / "demo.txt"


@pytest.mark.django_db
def test_a_demo_that_is_opened_to_others_loses_its_well_known_password(opened):
    baoxiao = Staff(username="baoxiao", name="鲍晓")
    baoxiao.set_password(PASSWORD)
    baoxiao.save()
    opened.write_text(f"baoxiao\t{PASSWORD}\t鲍晓\tfront_desk\n")
    prepare._close_demo()
    name, password, *_ = opened.read_text().split("\t")
    baoxiao.refresh_from_db()
    assert not baoxiao.check_password(PASSWORD)
    assert baoxiao.check_password(password)
    assert name == "baoxiao"


@pytest.mark.django_db
def test_a_demo_at_home_keeps_its_password(opened, monkeypatch):
    monkeypatch.setenv("HOST", "127.0.0.1")
    opened.write_text(f"baoxiao\t{PASSWORD}\t鲍晓\tfront_desk\n")
    prepare._close_demo()
    assert PASSWORD in opened.read_text()
