"""The command line: a first community, accounts and tokens, each said in a sentence when it can't be."""

import pytest
from django.core.management import CommandError, call_command

from shouwen.estate.models import Community
from shouwen.people import who
from shouwen.people.models import Staff, Token
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


def test_setup_refuses_half_answers_and_doubles(db):
    call_command("setup", **FIRST)
    with pytest.raises(CommandError, match="已有项目用了这个代码"):
        call_command("setup", **FIRST | {"username": "li"})
    with pytest.raises(CommandError, match="已有员工用了这个登录名"):
        call_command("setup", **FIRST | {"code": "other"})
    assert Community.objects.count() == 1
    with pytest.raises(CommandError, match="要能管理人员"):
        call_command("setup", **FIRST | {"code": "third", "post": "front_desk"})


def test_accounts_from_the_command_line(cast, capsys):
    call_command("user", "add", "dan", "--name", "丹", "--post", "front_desk", "--community", "cuihu")
    assert "一次性密码" in capsys.readouterr().out
    call_command("user", "reset", "Dan")
    call_command("user", "off", "dan")
    assert not Staff.objects.get(username="dan").is_active
    call_command("user", "on", "dan")
    call_command("user", "grant", "dan", "--post", "engineering", "--community", "cuihu")
    call_command("user", "list")
    assert "工程技工" in capsys.readouterr().out
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
    with pytest.raises(CommandError, match="没有“fly”"):
        call_command("token", "issue", *words[:-1], "fly")
