import pytest

from shouwen.cases.models import Case
from shouwen.duties.models import Duty
from shouwen.people.models import Staff
from shouwen.site import prepare
from shouwen.site.management.commands.demo import PASSWORD, SHOWN


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


@pytest.mark.slow
@pytest.mark.django_db
def test_a_first_start_loads_the_demo_once_and_a_killed_load_begins_again(opened, monkeypatch):
    """A house that is open to others from its first second: every password of the demo is its own."""
    monkeypatch.setattr(prepare, "call_command", lambda *_words, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        prepare._demo(fresh=True)
    assert not opened.exists()
    monkeypatch.undo()
    monkeypatch.setenv("HOST", "0.0.0.0")
    prepare._demo(fresh=False)
    lines = [line.split("\t") for line in opened.read_text().splitlines()]
    assert {name for name, *_ in lines} == set(SHOWN)
    passwords = {password for _name, password, *_ in lines}
    assert PASSWORD not in passwords
    assert len(passwords) == len(SHOWN)
    for name, password, *_ in lines:
        assert Staff.objects.get(username=name).check_password(password)
    assert not any(staff.check_password(PASSWORD) for staff in Staff.objects.all())
    assert not (opened.parent / "demo-home.txt").exists(), "no slips of residents lie open"
    assert opened.stat().st_mode & 0o777 == 0o600
    cases = Case.objects.count()
    assert Case.objects.filter(state="satisfied").exists()
    assert Duty.objects.open().exists()
    prepare._demo(fresh=False)
    assert Case.objects.count() == cases
