"""The journal is append-only: the database refuses what would rewrite it, whoever asks."""

from django.db import migrations

GUARD = """
create function kernel_entry_guard() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger kernel_entry_guard before update or delete on kernel_entry
  for each statement execute function kernel_entry_guard();
"""
UNDO = "drop trigger kernel_entry_guard on kernel_entry; drop function kernel_entry_guard();"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
