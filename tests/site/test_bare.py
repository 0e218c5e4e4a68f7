"""The plain view that intake is measured against answers as the product's own door does."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import path
from ninja import NinjaAPI

from shouwen.api.auth import Bearer
from shouwen.kernel.models import Entry
from shouwen.site.bench.bare import router
from tests.api.conftest import make_token
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
door = NinjaAPI(auth=Bearer(), urls_namespace="bare")
door.add_router("/bench", router)
urlpatterns = [path("api/v1/", door.urls)]


def test_the_bare_view_writes_its_rows_and_answers_with_the_case(cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {make_token(cast.community, cast.bob)}"}
    told = {"kind": "repair", "category": "leak", "title": "漏水", "unit_id": cast.unit.pk}
    answer = Client(headers=headers).post("/api/v1/bench", told, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert Entry.objects.filter(subject_id=answer.json()["id"], verb="case:registered").exists()
