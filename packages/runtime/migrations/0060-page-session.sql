-- safe: a new table
-- Pages and devices that were paired (room session/): they stay signed in when the runtime is started again.

create table kora.page_session (
  workspace_id int not null,
  -- Stands in events and lists; no secret.
  session_id text not null,
  -- SHA-256 of its secret, which is in the browser's cookie and nowhere else.
  hash bytea not null check (octet_length(hash) = 32),
  -- Digest of the home's token under which it was opened: with another token it is worth nothing.
  home_key bytea not null check (octet_length(home_key) = 32),
  device text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  -- To the minute.
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text check (ended_why in ('revoked', 'replaced', 'crowded')),
  end_reason text,
  primary key (workspace_id, session_id)
);
create index page_session_open on kora.page_session (workspace_id, home_key, created_at) where ended_at is null;
