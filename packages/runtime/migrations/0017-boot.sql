-- safe: new columns, and a wider check
-- What a boot's gates said, kept over restarts (room boot/). A boot whose store was away is written down in the home and
-- gets its row later: the key makes that one row.

alter table kora.boot
  add column boot_key uuid not null default gen_random_uuid(),
  -- The gates of this boot ran again, after the operator had cleared what only they can judge.
  add column rerun_of bigint,
  add column failed_gate text,
  add column detail text,
  add column exit_code int;
create unique index boot_once on kora.boot (workspace_id, boot_key);
create index boot_by_start on kora.boot (workspace_id, started_at desc);

alter table kora.boot drop constraint boot_outcome_check;
alter table kora.boot add constraint boot_outcome_check
  check (outcome in ('running', 'passed', 'paused', 'failed', 'refused', 'interrupted'));
