"""What the tests of the settings share: their addresses, and how somebody comes to them."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from shouwen.front.settings_posts import grouped
from shouwen.people.models import Post, Staff
from tests.cast import Cast, make_staff

PEOPLE = ("fallback", "staff_list", "staff_new", "post_list", "post_new", "token_list", "token_new")
SERVICE = ("hours", "hours_edit", "hours_day", "category_list", "category_new")
ABOUT = (
    "staff", "staff_edit", "staff_password", "staff_leave", "staff_return", "staff_hand_over", "totp_ask", "grant_new",
    "staff_skills", "staff_areas",
)  # fmt: skip


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def about(staff: Staff) -> list[str]:
    return [reverse(name, args=[staff.pk]) for name in ABOUT]


def version(client: Client, url: str) -> str:
    return str(client.get(url).context["version"])


def clerk_of(cast: Cast) -> Staff:
    """Somebody who manages staff, and may do little else."""
    Post.objects.create(code="clerk", name="管理文员", rights=["staff.manage", "estate.see"])
    return make_staff("clerk", "文员", "clerk", cast.community)


def rights(*codes: str) -> dict[str, list[str]]:
    return {group: [c for c, _words in held if c in codes] for group, held in grouped().items()}
