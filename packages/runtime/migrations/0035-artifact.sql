-- safe: new tables, and a column with a default
-- Files that messages and tools carry (room artifact/): their bytes are in the store, and nothing of them is a path. And how
-- often a tool that tells or makes something was used in the last hour.

create table kora.artifact (
  workspace_id int not null,
  artifact_id text not null check (artifact_id ~ '^art_[0-9a-f]{32}$'),
  -- A file's name, for people; it names nothing on any disk.
  name text not null check (name <> '' and name !~ '[/\\]' and octet_length(name) <= 400),
  media_type text not null,
  size int not null check (size between 1 and 20971520),
  sha256 bytea not null check (octet_length(sha256) = 32),
  -- Plugin, or `kora`.
  made_by text not null,
  ticket_id bigint,
  created_at timestamptz not null default clock_timestamp(),
  -- Null: until somebody removes it.
  expires_at timestamptz,
  primary key (workspace_id, artifact_id)
);
create index artifact_by_maker on kora.artifact (workspace_id, made_by, artifact_id);
create index artifact_over on kora.artifact (workspace_id, expires_at) where expires_at is not null;

create table kora.artifact_part (
  workspace_id int not null,
  artifact_id text not null,
  part int not null,
  bytes bytea not null,
  primary key (workspace_id, artifact_id, part),
  foreign key (workspace_id, artifact_id) references kora.artifact on delete cascade
);
-- What is stored is compressed already, or short.
alter table kora.artifact_part alter column bytes set storage external;

-- What it is stays what it was; only how long it is kept may change.
create function kora.guard_artifact() returns trigger language plpgsql as $$
begin
  if (new.workspace_id, new.artifact_id, new.name, new.media_type, new.size, new.sha256, new.made_by, new.created_at)
    is distinct from
    (old.workspace_id, old.artifact_id, old.name, old.media_type, old.size, old.sha256, old.made_by, old.created_at) then
    raise exception 'artifact % stays what it is', old.artifact_id using errcode = 'KO002';
  end if;
  return new;
end $$;
create trigger guard before update on kora.artifact for each row execute function kora.guard_artifact();

alter table kora.message add column attachments text[] not null default '{}';

-- One row for each use of a tool that is bounded by the hour; the call is its key, so that a repeated one counts once.
create table kora.tool_use (
  workspace_id int not null,
  tool text not null,
  call_id text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, tool, call_id)
);
create index tool_use_by_time on kora.tool_use (workspace_id, tool, at);
