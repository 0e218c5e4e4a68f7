import pytest

from shouwen.duties.bench import bench_sweep
from shouwen.duties.models import Duty

pytestmark = pytest.mark.django_db


def test_the_sweep_bench_measures_and_leaves_nothing(cast) -> None:
    result = bench_sweep(duties=500, due=20, rounds=1)
    assert result["bench"] == "sweep"
    assert result["n"] == 20
    assert result["value"] < 5
    assert not Duty.objects.exists()
