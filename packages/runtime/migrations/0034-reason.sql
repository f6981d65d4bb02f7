-- safe: new tables
-- What was asked, who thought about it with what, and what it took (room reason/).

create table kora.conversation (
  workspace_id int not null,
  conversation_id bigint generated always as identity,
  channel text not null,
  thread text not null,
  started_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  -- The number of its last turn.
  turns int not null default 0,
  primary key (workspace_id, conversation_id),
  unique (workspace_id, channel, thread)
);
create index conversation_newest on kora.conversation (workspace_id, last_at);

create table kora.conversation_turn (
  workspace_id int not null,
  conversation_id bigint not null,
  n int not null,
  direction text not null check (direction in ('inbound', 'outbound')),
  text text not null,
  run_id text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, conversation_id, n)
);

-- One question thought through. Ids are ordered by the time they were made.
create table kora.reason_run (
  workspace_id int not null,
  run_id text not null,
  runtime_id text not null,
  route text not null,
  asker text not null,
  key text,
  conversation_id bigint,
  ticket_id bigint,
  fence bigint,
  wake text not null,
  causation_id text,
  question text not null,
  status text not null check (status in ('open', 'answered', 'incomplete', 'refused', 'failed')),
  -- Milliseconds it may take; a while after them, an open one is nobody's.
  deadline_ms int not null,
  answered_by text not null default 'nobody' check (answered_by in ('phrasebook', 'engine', 'nobody')),
  text text not null default '',
  error text,
  -- In words, where there is more to say than the code does.
  why text,
  -- The door's word, where it was the door.
  refusal jsonb,
  engine text,
  -- The receipt.
  calls int not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  cost_micro_usd bigint not null default 0,
  estimated boolean not null default false,
  duration_ms bigint not null default 0,
  rung text not null default 'unknown',
  model text,
  tier text,
  routing text,
  tools text[] not null default '{}',
  identity_hash text,
  prompt_version text,
  phrasebook_version int,
  -- What the engine was handed, what it said, and what that was judged to be worth.
  inputs jsonb,
  answer jsonb,
  verdict jsonb,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  -- When all but the receipt was forgotten.
  forgotten_at timestamptz,
  primary key (workspace_id, run_id),
  check ((status = 'open') = (ended_at is null))
);
create unique index reason_run_key on kora.reason_run (workspace_id, key) where key is not null;
create index reason_run_open on kora.reason_run (workspace_id, runtime_id) where status = 'open';
create index reason_run_of_ticket on kora.reason_run (workspace_id, ticket_id, run_id) where ticket_id is not null;
create index reason_run_of_conversation on kora.reason_run (workspace_id, conversation_id, run_id)
  where conversation_id is not null;
create index reason_run_kept on kora.reason_run (workspace_id, ended_at) where forgotten_at is null;

-- One model call. It has its row before anything is sent, and its end when the engine told it.
create table kora.reason_call (
  workspace_id int not null,
  run_id text not null,
  call_id text not null,
  ordinal int not null,
  model text not null,
  input_bound bigint not null,
  output_bound bigint not null,
  reserved_micro_usd bigint not null,
  request jsonb,
  response jsonb,
  outcome text,
  stop_reason text,
  usage jsonb,
  cost_micro_usd bigint,
  estimated boolean,
  first_token_ms int,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (workspace_id, run_id, call_id)
);

create table kora.reason_tool_call (
  workspace_id int not null,
  run_id text not null,
  ordinal int not null,
  call_id text not null,
  tool text not null,
  input jsonb,
  status text not null,
  -- What the model saw of it.
  outcome jsonb not null,
  duration_ms int not null,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, run_id, ordinal)
);

-- What was really read, by the ids that a verdict may cite.
create table kora.reason_evidence (
  workspace_id int not null,
  run_id text not null,
  evidence_id text not null,
  what text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, run_id, evidence_id)
);
