import time
from datetime import timedelta
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.core.cache import cache
from shouwen.kernel import clock
from tests.cast import *
import time

SQL = """
drop index case_grams;
insert into estate_unit (community_id, building_id, code, entrance, floor, door, kind, status, remark, version, built_area)
select c, b.id, b.code||'-1-'||f||lpad(d::text,2,'0'), (1+(d>2)::int)::text, f, f||lpad(d::text,2,'0'), 'residence', case when random()<.9 then 'occupied' else 'vacant' end, '', 1, 90
from (select %(c)s::bigint as c) x, (select id, code from estate_building where community_id=%(c)s and code <> '3') b, generate_series(1,30) f, generate_series(1,4) d;
create temp table u as select id, row_number() over () m from estate_unit where community_id=%(c)s;
insert into cases_case (id, community_id, number, turn, kind, category_id, state, channel, unit_id, place, asker, title, words, urgent, first_responder_id, handler_id, severity, happened_at, recorded_at, opened_at, back_entry, done_at, closed_at, reopened, version, ref, satisfied)
select gen_random_uuid(), %(c)s, 'P'||n, n, k, case when k='repair' then (array['lamp','leak','door'])[1+n%%3] when k='complaint' then 'noise' else 'fee' end,
  case when open then (array['received','working','done'])[1+n%%3] else 'satisfied' end, 'desk', u.id, 'x', '', 'title '||n, 'words', false, %(bob)s, %(wen)s, '', o, o, o, n%%500=0 and open,
  case when open then case when n%%3=2 then o + interval '5 hours' end else o + interval '5 hours' end, case when open then null else o + interval '8 hours' end, (n%%40=0)::int, 1, '', true
from (select n, (array['repair','repair','repair','complaint','inquiry'])[1+n%%5] k, %(now)s::timestamptz - (n * interval '3 years' / %(n)s) o, n < 400 or n %% 3001 = 0 as open from generate_series(1,%(n)s) n) g
join u on u.m = 1 + (g.n::bigint * 7919) %% (select count(*) from u);
insert into duties_duty (id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, unit_id, entry_id, owner_role, owner_id, state, span, budget, born_at, due_at, pause_reason, paused_seconds, rung, ended_at, next_at)
select gen_random_uuid(), community_id, cl, 1, 1, 'case', id, unit_id, gen_random_uuid(), 'handler', %(wen)s, case when closed_at is null and cl<>'repair.arrive' and done_at is null then 'open' else 'met' end, 'P1D', 36000, opened_at, opened_at + interval '24 hours', '', 0, 1, case when closed_at is null and cl<>'repair.arrive' and done_at is null then null else opened_at+interval '5 hours' end, null
from cases_case join lateral (select unnest(case kind when 'repair' then array['repair.finish','repair.arrive','follow_up'] when 'complaint' then array['complaint.reply','complaint.solve'] else array['inquiry.answer'] end) cl) x on true where community_id=%(c)s;
insert into cases_followup (id, community_id, case_id, staff_id, outcome, satisfied, words, at)
select gen_random_uuid(), community_id, id, %(bob)s, 'reached', true, '', done_at + interval '1 hour' from cases_case where community_id=%(c)s and done_at is not null;
insert into kernel_entry (id, community_id, unit_id, subject_kind, subject_id, matter_id, verb, was, now, actor_kind, at, recorded_at, data)
select gen_random_uuid(), community_id, unit_id, 'case', id::text, id, v, '', '', 'system', case when v='case:done' then done_at else opened_at end, case when v='case:registered' then opened_at else coalesce(done_at, opened_at) end, '{}'
from cases_case join lateral (select unnest(array['case:registered','case:done']) v) x on true where community_id=%(c)s and (v <> 'case:done' or done_at is not null);
update kernel_entry set at = recorded_at where false;
"""

@pytest.mark.django_db
def test_perf(cast, client):
    n = 300_000
    for b in range(10, 60):
        Building.objects.create(community=cast.community, code=str(b), name=f"{b} 栋", sort=str(b).zfill(6))
    now = clock.now()
    params = dict(c=cast.community.pk, bob=cast.bob.pk, wen=cast.wen.pk, now=now, n=n)
    t=time.time()
    with connection.cursor() as c:
        for s in SQL.split(";\n"):
            if s.strip():
                if s.startswith("update"): continue
                c.execute(s.replace("case:x", "case:x"), params if "%(" in s or "%%" in s else None)
        c.execute("analyze")
    print("made", time.time()-t)
    client.force_login(cast.alice)
    def run(url, label):
        r=client.get(url); url = getattr(r,"url",url); client.get(url)
        with CaptureQueriesContext(connection) as caught:
            t=time.perf_counter(); r=client.get(url); dt=time.perf_counter()-t
        assert r.status_code==200, r
        print(f"\n== {label} {dt*1000:.0f} ms, {len(caught)} queries")
        for q in sorted(caught.captured_queries, key=lambda q:-float(q["time"]))[:8]:
            print(f"   {float(q['time'])*1000:.0f} ms  {q['sql'][:150]!r}")
            if float(q['time'])>.03 and 'reports_figure' not in q['sql']:
                slow.append(q['sql'])
        return r
    slow=[]
    from shouwen.reports.actions import freeze
    from shouwen.kernel.actors import System
    t=time.time(); w=freeze(cast.community.pk, actor=System.of(cast.community.pk)); print("\nfreeze", w, time.time()-t)
    with connection.cursor() as c:
        c.execute("analyze reports_figure"); c.execute("select pg_total_relation_size('reports_figure')"); print(c.fetchall())
    slow.clear()
    for p in ("day","week","month"):
        run(reverse("overview")+f"?period={p}", p+" frozen")
    run(reverse("kpi_list"), "kpi list")
    run(reverse("kpi", args=["rework"]), "rework")
    run(reverse("kpi_rows", args=["rework"])+"?period=month", "rework rows")
    run(reverse("kpi_rows", args=["timeliness"])+"?period=month&on="+(clock.today()-timedelta(days=60)).isoformat(), "timeliness rows frozen")
    import os
    with connection.cursor() as c:
        for s in slow[:int(os.environ.get("PLANS","4"))]:
            c.execute("explain (analyze, buffers off) "+s)
            print("\n", s[:100]); print("\n".join(r[0] for r in c.fetchall()))
