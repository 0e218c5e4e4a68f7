import pytest

from shouwen.duties.bench import bench_absorb, bench_layout, bench_sweep
from shouwen.duties.models import Duty, Run

pytestmark = pytest.mark.django_db


def test_the_sweep_bench_measures_other_rows_each_round(cast) -> None:
    result = bench_sweep(duties=500, due=20, rounds=2)
    assert result["bench"] == "sweep"
    assert result["n"] == 20
    assert Duty.objects.filter(alarm__rung=2).count() == 40


def test_the_other_benches_measure_and_leave_nothing(cast) -> None:
    laid = bench_layout(communities=3)
    assert laid["n"] > 100
    assert bench_absorb(duties=200, facts=8)["n"] == 8
    assert not Duty.objects.exists()
    assert not Run.objects.exists()
