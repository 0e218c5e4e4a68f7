"""What an intake over the API costs, from the header to the number of the case."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouwen.estate.models import Community
from tests.api.conftest import Machine, make_token
from tests.cast import Cast
from tests.protocol import protocol, trips


@pytest.mark.django_db(transaction=True)
def test_an_intake_over_the_api_takes_at_most_six_round_trips(cast: Cast, tmp_path: Path) -> None:
    """Token; its count; BEGIN; the key; all that the intake names; rows, facts, duties, number, COMMIT, announcement."""
    here: Community = cast.community
    machine = Machine(make_token(here, cast.bob))
    body = {
        "kind": "repair",
        "category": "leak",
        "title": "厨房漏水",
        "unit_id": cast.unit.pk,
        "person_id": cast.mei.pk,
    }
    assert machine.post("/cases", body, key="warm").status_code == 201
    with protocol(tmp_path / "trace") as lines:
        answer = machine.post("/cases", body, key="counted")
    assert answer.status_code == 201
    assert answer.json()["number"].endswith("-002")
    assert trips(lines) <= 6, "\n".join(line[:200] for line in lines if "Parse" in line or "Query" in line)
