"""The command line: a first community, accounts and tokens, each said in a sentence when it can't be."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from shouwen.estate.models import Community, Company
from shouwen.people import who
from shouwen.people.models import Post, Staff, Token
from shouwen.people.rights import POSTS, SMALL
from shouwen.people.viewers import StaffActor

FIRST = {
    "company": "安居",
    "branch": "总部",
    "community": "翠湖",
    "code": "cuihu",
    "name": "王主管",
    "username": "wang",
}


def test_setup_makes_everything_that_the_first_day_needs(db, capsys):
    call_command("setup", **FIRST)
    said = capsys.readouterr().out
    community, staff = Community.objects.get(), Staff.objects.get()
    password = said.split("一次性密码 ")[1].split()[0]
    assert staff.check_password(password)
    assert staff.must_change
    assert who.fallback_of(community.pk) == staff.pk
    assert not who.lacks_fallback(community.pk)
    assert StaffActor.of(staff).may("staff.manage", community.pk)


def test_a_small_office_begins_with_the_few_posts_that_it_needs(db, capsys):
    call_command("setup", **FIRST, post="centre_manager")
    on = set(Post.objects.filter(active=True).values_list("code", flat=True))
    assert on == SMALL | {"centre_manager"}
    assert {seed.code for seed in POSTS} >= SMALL
    with pytest.raises(CommandError, match="没有岗位"):
        call_command("user", "grant", "wang", post="greening", community="cuihu")
    call_command("setup", **FIRST | {"code": "second", "username": "li"})
    assert set(Post.objects.filter(active=True).values_list("code", flat=True)) == on, "left as it is"


def test_a_large_office_begins_with_all_posts(db):
    call_command("setup", **FIRST, posts="all")
    assert not Post.objects.filter(active=False).exists()
    with pytest.raises(CommandError, match="small"):
        call_command("setup", **FIRST | {"code": "bb", "username": "li"}, posts="some")


def test_setup_refuses_half_answers_and_doubles(db):
    call_command("setup", **FIRST)
    with pytest.raises(CommandError, match="已有项目用了这个代码"):
        call_command("setup", **FIRST | {"username": "li"})
    with pytest.raises(CommandError, match="已有员工用了这个登录名"):
        call_command("setup", **FIRST | {"code": "other"})
    assert Community.objects.count() == 1
    for post in ("front_desk", "客服中心前台接待"):
        with pytest.raises(CommandError, match="要能管理人员"):
            call_command("setup", **FIRST | {"code": "third", "username": "li", "post": post})


def test_setup_says_the_next_line_and_the_authenticator_as_they_are(db, capsys):
    call_command("setup", **FIRST, post="客服部主管")
    said = capsys.readouterr().out
    assert "客服部主管登录时须用动态口令" in said
    assert f"DATA_DIR={settings.DATA_DIR} ./dev shouwen import units" in said
    assert "/sign-in/" in said


def test_setup_asks_again_at_the_question_and_warns_of_another_company(db, capsys, monkeypatch):
    call_command("setup", **FIRST)
    typed = iter(
        ["另一家", "n", "", "", "碧水", "x", "cuihu", "bishui", "李主管", "wang", "li", "cs_supervisr", ""]
    )
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or next(typed))
    call_command("setup")
    said = capsys.readouterr().err
    assert "王主管就改不了" in said
    for sentence in (
        "2 到 20 个字母",
        "已有项目用了这个代码",
        "已有员工用了这个登录名",
        "是不是：cs_supervisor（客服部主管）",
    ):
        assert sentence in said
    assert any("[安居]" in words for words in asked)
    assert Company.objects.count() == 1
    assert Community.objects.get(code="bishui").branch.company.name == "安居"


def test_another_company_is_only_made_when_told(db):
    call_command("setup", **FIRST)
    other = FIRST | {"company": "另一家", "code": "other", "username": "li"}
    with pytest.raises(CommandError, match="--another-company"):
        call_command("setup", **other)
    call_command("setup", **other, another_company=True)
    assert Company.objects.count() == 2


def test_accounts_from_the_command_line(cast, capsys):
    call_command("user", "add", "dan", "--name", "丹", "--post", "front_desk", "--community", "cuihu")
    assert "一次性密码" in capsys.readouterr().out
    call_command("user", "reset", "Dan")
    call_command("user", "off", "dan")
    assert not Staff.objects.get(username="dan").is_active
    call_command("user", "on", "dan")
    call_command("user", "grant", "dan", "--post", "engineering", "--community", "cuihu")
    call_command("user", "list")
    listed = capsys.readouterr().out
    assert "工程技工（翠湖花园）" in listed
    assert "待改一次性密码" in listed
    call_command("user", "grant", "dan", "--post", "保洁", "--community", "翠湖花园")
    call_command("user", "posts")
    assert "cleaning\t保洁" in capsys.readouterr().out
    for post, near in (
        ("front_dsk", "是不是：front_desk"),
        ("前台", "是不是：front_desk"),
        ("hr", "cs_supervisor"),
    ):
        with pytest.raises(CommandError, match=near):
            call_command("user", "grant", "dan", "--post", post, "--community", "cuihu")
    with pytest.raises(CommandError, match="没有项目“nowhere”"):
        call_command("user", "grant", "dan", "--post", "保洁", "--community", "nowhere")
    with pytest.raises(CommandError, match="没有登录名"):
        call_command("user", "off", "nobody")


def test_tokens_from_the_command_line(cast, capsys):
    words = [
        "--community",
        "cuihu",
        "--staff",
        "bob",
        "--name",
        "门户",
        "--rights",
        "case.see, case.register",
    ]
    call_command("token", "issue", *words)
    secret = capsys.readouterr().out.strip()
    assert secret.startswith("sw_")
    token = Token.objects.get()
    assert token.rights == ["case.register", "case.see"]
    call_command("token", "end", str(token.pk))
    call_command("token", "list")
    assert "已停用" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有权限“fly”"):
        call_command("token", "issue", *words[:-1], "fly")
    call_command("token", "issue", *words[:-1], "看事项，登记事项")
    assert Token.objects.order_by("pk").last().rights == ["case.register", "case.see"]
    call_command("token", "rights")
    assert "case.see\t看事项" in capsys.readouterr().out
