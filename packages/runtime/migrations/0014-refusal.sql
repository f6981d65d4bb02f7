-- safe: new tables only
-- What the door refused, counted (room admission/): one row for each door, cause and caller in a minute.

create table kora.refusal (
  workspace_id int not null,
  runtime_id uuid not null,
  minute timestamptz not null,
  door text not null,
  cause text not null,
  caller text not null,
  count bigint not null check (count > 0),
  first_at timestamptz not null,
  last_at timestamptz not null check (last_at >= first_at),
  primary key (workspace_id, runtime_id, minute, door, cause, caller)
) with (fillfactor = 70);
create index refusal_recent on kora.refusal (workspace_id, last_at desc);
