import type { PluginMigration } from '@kora/runtime/plugin';

export const migrations: readonly PluginMigration[] = [
  {
    number: 1,
    name: 'webhooks',
    sql: `-- safe: new tables
-- Each webhook whose signature held, for as long as the same one must be known again. Its body stays, sealed, until
-- something was made of it.
create table delivery (
  delivery_id bigint generated always as identity primary key,
  workspace text not null,
  source text not null,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  provider_id text check (length(provider_id) between 1 and 200),
  -- Of the body alone: the same words signed anew are the sender asking again.
  words text not null check (words ~ '^[0-9a-f]{64}$'),
  state text not null default 'received' check (state in ('received', 'ticket', 'incident', 'ignored', 'letter')),
  headers jsonb not null,
  body bytea,
  received_at timestamptz not null default clock_timestamp(),
  tried_at timestamptz not null default clock_timestamp(),
  attempts int not null default 0,
  ticket_id bigint,
  -- When the sender was told that it is here; who was not told sends it again, and is right to.
  answered_at timestamptz,
  expires_at timestamptz not null,
  unique (workspace, source, digest)
);
create unique index delivery_provider on delivery (workspace, source, provider_id) where provider_id is not null;
create index delivery_unfinished on delivery (workspace, tried_at) where state = 'received';
create index delivery_expiry on delivery (workspace, expires_at);

-- What could not be taken, or nothing could be made of. Of what did not prove itself little is kept, and not for long.
create table letter (
  letter_id bigint generated always as identity primary key,
  workspace text not null,
  source text not null,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  proven boolean not null,
  reason text not null,
  detail text not null,
  peer text not null,
  headers jsonb not null,
  signature text,
  body bytea,
  body_bytes int not null,
  state text not null default 'kept' check (state in ('kept', 'replayed', 'dropped')),
  received_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  unique (workspace, source, digest, proven)
);
create index letter_kept on letter (workspace, source, proven, letter_id desc);

-- What webhooks said last about each thing they watch; a probe reads it.
create table watched (
  workspace text not null,
  source text not null,
  key text not null,
  probe text not null,
  status text not null check (status in ('healthy', 'degraded', 'unhealthy')),
  title text not null,
  heard_at timestamptz not null default clock_timestamp(),
  ends_at timestamptz,
  primary key (workspace, source, key)
);
`,
  },
];
