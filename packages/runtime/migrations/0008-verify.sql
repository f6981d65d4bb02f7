-- safe: a new table
-- How far each runtime's background verifier has proven the chain (room chain/). What it proved before must still stand.
create table kora.verify_cursor (
  workspace_id int not null,
  verifier uuid not null,
  seq bigint not null,
  hash bytea not null check (length(hash) = 32),
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, verifier)
) with (fillfactor = 50);
