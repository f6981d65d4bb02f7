-- safe: a function and triggers
-- Whoever places or clears a hold, or issues a stop, tells every runtime of the workspace with the commit (room control/).
-- These tables change a few times a day: what a NOTIFY costs a commit is no matter here, and no path can forget it.

create function kora.tell_control() returns trigger language plpgsql as $$
begin
  perform pg_notify('kora_control_' || new.workspace_id, '');
  return null;
end $$;
create trigger told after insert or update on kora.hold for each row execute function kora.tell_control();
create trigger told after insert on kora.control for each row execute function kora.tell_control();
