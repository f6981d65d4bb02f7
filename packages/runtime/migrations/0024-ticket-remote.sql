-- safe: new tables, a column that may stay empty, and one more kind of actor
-- Workers in other processes (room ticket/remote/): their tokens, and the key that their claim tokens are made with.

alter table kora.actor drop constraint actor_kind_check;
alter table kora.actor add constraint actor_kind_check check (kind in ('kora', 'operator', 'plugin', 'mcp', 'worker'));

-- What a process shows to work tickets. The token itself is told once and kept nowhere.
create table kora.worker_token (
  workspace_id int not null,
  worker_token_id int not null generated always as identity,
  -- Its actor is `worker:<name>`; several tokens of one name are one worker, so that one can follow another.
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  kinds text[] not null check (cardinality(kinds) between 1 and 100),
  -- SHA-256 of its secret.
  hash bytea not null check (octet_length(hash) = 32),
  reason text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text,
  primary key (workspace_id, worker_token_id)
);

-- Which token a session was begun with; null for a runtime's own.
alter table kora.session add column worker_token_id int;
create index session_worker on kora.session (workspace_id, worker_token_id) where worker_token_id is not null;

-- One row: the key of the store's claim tokens, made when the first one is.
create table kora.claim_secret (
  only_one boolean primary key default true check (only_one),
  secret bytea not null check (octet_length(secret) = 32),
  created_at timestamptz not null default clock_timestamp()
);
