-- safe: new tables
-- Signed checkpoints of the chain, and how far each place outside was told of them (room chain/).

create table kora.checkpoint (
  -- The order in which they were made; after an accepted rewinding a later one may be smaller.
  number bigint generated always as identity unique,
  workspace_id int not null,
  size bigint not null check (size > 0),
  root bytea not null check (length(root) = 32),
  event_hash bytea not null check (length(event_hash) = 32),
  -- The right edge of the tree: with it the next checkpoint needs only the events since.
  frontier bytea not null,
  -- C2SP tlog-checkpoint, signed: what is kept in the file and in every anchor, byte for byte.
  note text not null,
  signed_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, size, root)
);
create index checkpoint_newest on kora.checkpoint (workspace_id, number desc);
select kora.guard_log('kora.checkpoint');

create table kora.anchor_state (
  workspace_id int not null,
  anchor text not null,
  -- The newest checkpoint that the anchor said it kept.
  number bigint not null default 0,
  size bigint not null default 0,
  kept_at timestamptz,
  attempts int not null default 0,
  last_error text,
  -- Nobody tries before; whoever tries moves it on first, so that two runtimes do not both do it.
  next_try_at timestamptz,
  primary key (workspace_id, anchor)
) with (fillfactor = 50);
