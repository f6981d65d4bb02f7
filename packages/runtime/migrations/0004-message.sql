-- safe: new tables only
-- The outbox and the built-in inbox channel (room message/).

create table kora.message (
  workspace_id int not null,
  message_id bigint generated always as identity,
  key text not null,
  channel text not null,
  thread text not null,
  severity text not null check (severity in ('critical', 'warning', 'info')),
  title text not null,
  body text not null,
  source text not null,
  correlation_id text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, message_id)
);
create unique index message_key on kora.message (workspace_id, key);
create index message_thread on kora.message (workspace_id, channel, thread, message_id);

-- What is still to be told: a row is deleted when its message was delivered or given up.
create table kora.outbox (
  workspace_id int not null,
  message_id bigint not null,
  channel text not null,
  thread text not null,
  attempts int not null default 0,
  due_at timestamptz not null default clock_timestamp(),
  error text,
  primary key (workspace_id, message_id)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create index outbox_thread on kora.outbox (workspace_id, channel, thread, message_id);

create table kora.delivery (
  workspace_id int not null,
  message_id bigint not null,
  receipt text not null,
  attempts int not null,
  delivered_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, message_id)
);
