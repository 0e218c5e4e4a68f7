"""Saved views: kept under a name, replaced by the same name, dropped, and never a way out of the house."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from shouwen.people.models import SavedView
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_list_with_its_filters_is_kept_in_the_rail(bob: Client) -> None:
    answer = bob.post("/views/", {"name": "漏水", "path": "/cases/?q=漏水"})
    assert (answer.status_code, unquote(answer["Location"])) == (303, "/cases/?q=漏水")
    assert "漏水" in bob.get("/cases/").content.decode()


def test_the_same_name_replaces_and_a_view_is_dropped(bob: Client) -> None:
    for path in ("/cases/?kind=repair", "/cases/?kind=complaint"):
        bob.post("/views/", {"name": "我的", "path": path})
    view = SavedView.objects.get()
    assert view.path == "/cases/?kind=complaint"
    bob.post(f"/views/{view.pk}/drop/")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_a_view_never_leads_out_of_the_house(bob: Client, path: str) -> None:
    assert bob.post("/views/", {"name": "x", "path": path}).status_code == 422
    assert not SavedView.objects.exists()


def test_nobody_drops_another_persons_view(bob: Client, cast: Cast) -> None:
    view = SavedView.objects.create(staff=cast.alice, name="她的", path="/cases/")
    bob.post(f"/views/{view.pk}/drop/")
    assert SavedView.objects.filter(pk=view.pk).exists()


def _undo(answer: Any) -> str:
    (said,) = get_messages(answer.wsgi_request)
    return said.extra_tags.removeprefix("undo:")


def test_a_view_that_was_dropped_comes_back_where_it_stood(bob: Client, cast: Cast) -> None:
    view = SavedView.objects.create(
        staff=cast.bob, name="3 号楼渗漏", path="/cases/?q=渗漏&kind=repair", sort=7
    )
    undo = _undo(bob.post(f"/views/{view.pk}/drop/", {"next": "/cases/"}))
    assert not SavedView.objects.exists()
    answer = bob.post(undo)
    assert unquote(answer["Location"]) == "/cases/?q=渗漏&kind=repair"
    again = SavedView.objects.get()
    assert (again.name, again.path, again.sort) == ("3 号楼渗漏", "/cases/?q=渗漏&kind=repair", 7)
    assert again.staff == cast.bob


def test_a_view_that_was_replaced_is_as_before_and_a_new_one_goes(bob: Client, cast: Cast) -> None:
    first = _undo(bob.post("/views/", {"name": "我的", "path": "/cases/?kind=repair"}))
    bob.get("/cases/")
    second = _undo(bob.post("/views/", {"name": "我的", "path": "/cases/?kind=complaint"}))
    bob.get("/cases/")
    bob.post(second)
    assert SavedView.objects.get().path == "/cases/?kind=repair"
    bob.post(first)
    assert not SavedView.objects.exists()


def test_an_undo_from_elsewhere_leads_nowhere_else(bob: Client) -> None:
    assert bob.post("/views/?name=x&path=//evil.example/&undone=1").status_code == 422
    assert not SavedView.objects.exists()
