"""What was paid is append-only: the database refuses what would rewrite it, whoever asks."""

from django.db import migrations

GUARD = """
create function billing_pastpayment_guard() returns trigger language plpgsql as $$
begin
  raise exception 'past payments are append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger billing_pastpayment_guard before update or delete on billing_pastpayment
  for each statement execute function billing_pastpayment_guard();
"""
UNDO = "drop trigger billing_pastpayment_guard on billing_pastpayment; drop function billing_pastpayment_guard();"


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_past_payments")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
