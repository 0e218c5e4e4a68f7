"""A frozen figure stays: the database refuses what would rewrite it, whoever asks."""

from django.db import migrations

GUARD = """
create function reports_figure_guard() returns trigger language plpgsql as $$
begin
  raise exception 'a frozen figure stays: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger reports_figure_guard before update or delete on reports_figure
  for each statement execute function reports_figure_guard();
"""
UNDO = "drop trigger reports_figure_guard on reports_figure; drop function reports_figure_guard();"


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
