-- safe: a new table and a function
-- What a plugin may ask for without a new word of the operator (room plugin/). A row stays when its plugin goes: what was
-- agreed to once is not asked again, and what comes back with more asks.

create table kora.plugin (
  workspace_id int not null,
  plugin_id text not null check (plugin_id ~ '^[a-z][a-z0-9-]{1,39}$'),
  package text not null check (package <> ''),
  -- The version that was let in last.
  version text not null,
  capabilities text[] not null default '{}' check (array_position(capabilities, null) is null),
  approved_by text not null,
  reason text not null check (reason <> ''),
  approved_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, plugin_id)
);

-- More than was approved is for an operator to say, whatever the runtime believes.
create function kora.guard_plugin() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if (new.workspace_id, new.plugin_id) <> (old.workspace_id, old.plugin_id) then
      raise exception 'plugin % keeps its name', old.plugin_id using errcode = 'KO002';
    end if;
    -- What one package keeps under an id is not another's for the asking.
    if new.capabilities <@ old.capabilities and new.package = old.package then return new; end if;
  end if;
  if not kora.is_active_actor(new.workspace_id, new.approved_by, 'operator') then
    raise exception '% is no operator and approves nothing', new.approved_by using errcode = 'KO001';
  end if;
  return new;
end $$;
create trigger guard before insert or update on kora.plugin
  for each row execute function kora.guard_plugin();
