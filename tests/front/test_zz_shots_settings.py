"""Pictures of the settings pages."""
import os, sys
import pytest
from django.urls import reverse
from datetime import date, timedelta
from django_otp.plugins.otp_totp.models import TOTPDevice
from shouwen.people.models import *
from shouwen.estate.models import *
from tests.cast import *
OUT="/tmp/shots_settings"; os.makedirs(OUT, exist_ok=True)

@pytest.mark.django_db(transaction=True)
def test_shots(live_server, chromium, client):
    cast = make_cast()
    import importlib
    from shouwen.people import actions
    for n,(u,name,post) in enumerate([("ailin","艾琳","front_desk"),("sun","孙志强","engineering"),("gao","高翔","engineering"),("he","何婷","building_butler"),("zhou","周明","cleaning")]):
        s=make_staff(u,name,post,cast.community)
        s.phone=f"80{n:02d}"; s.save()
        if n in (1,2): Skill.objects.create(staff=s, trade="plumbing"); Skill.objects.create(staff=s, trade="lift")
        if n==3:
            for b in range(1,5):
                bl,_=Building.objects.get_or_create(community=cast.community, code=str(b), defaults={"name":f"{b} 栋","sort":str(b).zfill(6)})
                Area.objects.create(community=cast.community, staff=s, building=bl)
    Staff.objects.filter(username="zhou").update(is_active=False)
    nobody=Staff(username="new",name="新来的"); nobody.set_password("x"); nobody.save()
    sun=Staff.objects.get(username="sun")
    SignIn.objects.create(staff=sun, session_key="k", at="2026-11-20T01:00Z", address="10.0.0.8", agent="Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36")
    TOTPDevice.objects.create(user=sun, name="totp", confirmed=True)
    TotpReset.objects.create(staff=sun, asked_by=cast.bob, asked_at="2026-11-20T01:00Z")
    alice=cast.actor(cast.alice)
    actions.set_skills(sun.pk, actor=alice, trades=["plumbing","lift"])
    actions.edit_staff(sun.pk, actor=alice, name="孙志强", phone="13900008888")
    actions.issue_token(cast.community.pk, actor=alice, staff_id=cast.bob.pk, name="市民热线", rights=["case.see","case.register"])
    t,_=actions.issue_token(cast.community.pk, actor=alice, staff_id=cast.bob.pk, name="旧门户", rights=["case.see"])
    actions.end_token(t.pk, actor=alice)
    CalendarDay.objects.create(community=cast.community, on=date.today()+timedelta(days=4), kind="holiday")
    CalendarDay.objects.create(community=cast.community, on=date.today()+timedelta(days=40), kind="workday")
    client.force_login(cast.alice)
    sid=client.cookies["sessionid"].value
    pages=[("index",reverse("settings")),("staff_list",reverse("staff_list")),("staff_new",reverse("staff_new")),("staff",reverse("staff",args=[sun.pk])),("self",reverse("staff",args=[cast.alice.pk])),
      ("grant_new",reverse("grant_new",args=[sun.pk])),("skills",reverse("staff_skills",args=[sun.pk])),("password",reverse("staff_password",args=[sun.pk])),
      ("post_list",reverse("post_list")),("post",reverse("post",args=["front_desk"])),("fallback",reverse("fallback")),("token_list",reverse("token_list")),("token_new",reverse("token_new")),
      ("hours",reverse("hours")),("hours_edit",reverse("hours_edit")),("hours_day",reverse("hours_day")),("category_list",reverse("category_list")),("category",reverse("category",args=["leak"]))]
    only=os.environ.get("ONLY","").split(",") if os.environ.get("ONLY") else None
    for width,theme in ((1440,"light"),(390,"light"),(1440,"dark"),(390,"dark")):
        if os.environ.get("MODES") and f"{width}{theme}" not in os.environ["MODES"]: continue
        ctx=chromium.new_context(viewport={"width":width,"height":900 if width>500 else 844},color_scheme=theme)
        ctx.add_cookies([{"name":"sessionid","value":sid,"url":live_server.url}])
        page=ctx.new_page()
        page.on("console", lambda m: print("CONSOLE",m.type,m.text) if m.type in("error","warning") else None)
        for name,url in pages:
            if only and name not in only: continue
            page.goto(live_server.url+url)
            wide=page.evaluate("document.documentElement.scrollWidth")
            if wide>width: print("WIDE",name,width,wide)
            page.screenshot(path=f"{OUT}/{name}-{width}-{theme}.png",full_page=True)
        if not only or "secret" in only:
            page.goto(live_server.url+reverse("staff",args=[sun.pk]))
            page.get_by_role("link",name="重置密码").click(); page.wait_for_selector("#act form")
            page.screenshot(path=f"{OUT}/act-{width}-{theme}.png")
            page.locator("#act form button.primary").click(); page.wait_for_selector(".secret")
            page.screenshot(path=f"{OUT}/secret-{width}-{theme}.png")
        ctx.close()
    Fallback.objects.filter(pk=cast.community.pk).delete()
    ctx=chromium.new_context(viewport={"width":1440,"height":900}); ctx.add_cookies([{"name":"sessionid","value":sid,"url":live_server.url}]); page=ctx.new_page()
    page.goto(live_server.url+reverse("settings")); page.screenshot(path=f"{OUT}/banner.png")
    page.goto(live_server.url+reverse("fallback")); page.screenshot(path=f"{OUT}/banner2.png")
