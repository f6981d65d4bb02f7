-- safe: a new table
-- What was asked with a key: the same key again does nothing again, and answers what was done (room control/).

create table kora.asked (
  workspace_id int not null,
  key text not null,
  deed text not null,
  -- SHA-256 over the wish: a key belongs to one wish.
  wish bytea not null,
  answer jsonb,
  asked_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, key)
);
create index asked_when on kora.asked (workspace_id, asked_at);
