-- safe: a new table only
-- Which runtime runs a fleet daemon (room daemon/).

create table kora.daemon_lease (
  workspace_id int not null,
  daemon text not null,
  -- Rises whenever somebody takes the lease, and never falls: what was written under an older one can be told from it.
  fence bigint not null default 0,
  -- The session that holds it, until then by the database's clock; empty when it was given back.
  holder uuid,
  -- Whose session that is, or was last.
  holder_runtime uuid,
  held_until timestamptz,
  taken_at timestamptz,
  primary key (workspace_id, daemon)
) with (fillfactor = 50);

create function kora.fence_rises() returns trigger language plpgsql as $$
begin
  raise exception 'the fence of daemon % only rises: % after % refused', old.daemon, new.fence, old.fence
    using errcode = 'KR010';
end $$;
create trigger fence_rises before update on kora.daemon_lease for each row when (new.fence < old.fence)
  execute function kora.fence_rises();
