-- safe: a new table
-- Programs that ask over MCP (room mcp/): their tokens. What each may ask for are grants of the capability matrix to
-- `mcp:<name>`.

-- What a program shows with every call. The token itself is told once and kept nowhere.
create table kora.mcp_token (
  workspace_id int not null,
  -- Its number is the id of the key: it stands in the token, in events and in lists.
  mcp_token_id int not null generated always as identity,
  -- Its actor is `mcp:<name>`; several tokens of one name are one caller, so that one can follow another.
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,57}$'),
  -- SHA-256 of its secret.
  hash bytea not null check (octet_length(hash) = 32),
  -- In whose name it works tickets; null where it may not. Nobody has the token of that worker.
  worker_token_id int,
  reason text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  -- To the minute.
  used_at timestamptz,
  revoked_at timestamptz,
  revoke_reason text,
  primary key (workspace_id, mcp_token_id)
);
create index mcp_token_name on kora.mcp_token (workspace_id, name) where revoked_at is null;
