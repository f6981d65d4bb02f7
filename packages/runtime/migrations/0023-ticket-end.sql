-- safe: functions, and a check that every row there is meets
-- How tickets leave the store (room ticket/): whole partitions where nothing in them is open or young, single tickets
-- otherwise. A number is never drawn twice and a ticket that is gone is opened by nobody, so no fence is given twice.

-- A ticket needs only what was there before it: no two wait for each other.
alter table kora.ticket_dependency add constraint ticket_dependency_older check (needs_ticket_id < ticket_id);

-- Whether a ticket has one of the rows that only an open one has.
create function kora.ticket_is_open(workspace int, ticket bigint) returns boolean language sql stable
set search_path = pg_catalog, kora, pg_temp as $$
  select exists (select from kora.ticket_ready r where r.workspace_id = workspace and r.ticket_id = ticket)
    or exists (select from kora.ticket_lease l where l.workspace_id = workspace and l.ticket_id = ticket)
    or exists (select from kora.ticket_parked p where p.workspace_id = workspace and p.ticket_id = ticket)
$$;

-- Removes up to `most` tickets that ended before `cutoff`, oldest first, with all that is known of them, and answers how
-- many. What an open ticket waits for stays.
create function kora.retire_tickets(workspace int, cutoff timestamptz, most int) returns int language plpgsql
security definer set search_path = pg_catalog, kora, pg_temp as $$
declare
  beyond bigint;
  ids bigint[];
  removed int;
begin
  -- Numbers and times rise together: behind the first young ticket there is no old one.
  select t.ticket_id into beyond from kora.ticket t where t.workspace_id = workspace and t.created_at >= cutoff
    order by t.ticket_id limit 1;
  ids := array(
    select t.ticket_id from kora.ticket t
    where t.workspace_id = workspace and t.ticket_id < coalesce(beyond, 9223372036854775807)
      and not kora.ticket_is_open(workspace, t.ticket_id)
      and not exists (select from kora.ticket_outcome o
        where o.workspace_id = workspace and o.ticket_id = t.ticket_id and o.at >= cutoff)
      and not exists (select from kora.ticket_dependency d
        where d.workspace_id = workspace and d.needs_ticket_id = t.ticket_id
          and kora.ticket_is_open(workspace, d.ticket_id))
    order by t.ticket_id limit most for update skip locked);
  -- Looked at again now that nobody else can open them: somebody may have, before they were ours.
  ids := array(
    select id from unnest(ids) as id where not kora.ticket_is_open(workspace, id)
      and not exists (select from kora.ticket_dependency d
        where d.workspace_id = workspace and d.needs_ticket_id = id and kora.ticket_is_open(workspace, d.ticket_id)));
  delete from kora.ticket_key k using kora.ticket t
    where t.workspace_id = workspace and t.ticket_id = any(ids) and k.workspace_id = workspace
      and k.idempotency_key = t.idempotency_key and k.ticket_id = t.ticket_id;
  delete from kora.ticket_dependency where workspace_id = workspace and ticket_id = any(ids);
  delete from kora.ticket_dependency where workspace_id = workspace and needs_ticket_id = any(ids);
  delete from kora.ticket_note where workspace_id = workspace and ticket_id = any(ids);
  delete from kora.operation where workspace_id = workspace and ticket_id = any(ids);
  delete from kora.ticket_outcome where workspace_id = workspace and ticket_id = any(ids);
  delete from kora.ticket where workspace_id = workspace and ticket_id = any(ids);
  get diagnostics removed = row_count;
  return removed;
end $$;

-- Drops the oldest partition that is full, of this workspace alone, and holds nothing that is open, young or waited for;
-- answers whether there was one. Everybody waits for the drop itself, so it comes last and is the transaction's end.
-- Whoever works on one of its tickets goes first: no lock is waited for long, and the next call looks again.
create function kora.retire_partition(workspace int, cutoff timestamptz) returns boolean language plpgsql
security definer set search_path = pg_catalog, kora, pg_temp set lock_timeout = '250ms' as $$
declare
  part record;
  place text;
  drawn bigint;
  busy boolean;
begin
  select last_value into drawn from kora.ticket_number;
  for part in
    select suffix, suffix * 10000000 as low, (suffix + 1) * 10000000 as beyond from (
      select substring(c.relname from '_(\d+)$')::bigint as suffix
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'kora.ticket'::regclass) as s
    order by 1
  loop
    continue when part.beyond > drawn;
    execute format('select not exists (select from kora.ticket_%1$s)
        or exists (select from kora.ticket_%1$s where workspace_id < $1)
        or exists (select from kora.ticket_%1$s where workspace_id > $1)
        or (select created_at >= $2 from kora.ticket_%1$s order by ticket_id desc limit 1)', part.suffix)
      into busy using workspace, cutoff;
    continue when busy;
    begin
      -- Nobody opens one of them again from here on.
      execute format('lock table kora.ticket_%s in exclusive mode', part.suffix);
      execute format('select exists (select from kora.ticket_outcome_%s where workspace_id = $1 and at >= $2)', part.suffix)
        into busy using workspace, cutoff;
      continue when busy
        or exists (select from kora.ticket_ready where workspace_id = workspace
          and ticket_id >= part.low and ticket_id < part.beyond)
        or exists (select from kora.ticket_lease where workspace_id = workspace
          and ticket_id >= part.low and ticket_id < part.beyond)
        or exists (select from kora.ticket_parked where workspace_id = workspace
          and ticket_id >= part.low and ticket_id < part.beyond)
        or exists (select from kora.ticket_dependency d where d.workspace_id = workspace
          and d.needs_ticket_id >= part.low and d.needs_ticket_id < part.beyond
          and kora.ticket_is_open(workspace, d.ticket_id));
      execute format('delete from kora.ticket_key k using kora.ticket_%s t
        where k.workspace_id = t.workspace_id and k.idempotency_key = t.idempotency_key and k.ticket_id = t.ticket_id',
        part.suffix);
      delete from kora.ticket_dependency where workspace_id = workspace
        and ((ticket_id >= part.low and ticket_id < part.beyond)
          or (needs_ticket_id >= part.low and needs_ticket_id < part.beyond));
      foreach place in array array['operation', 'ticket_note', 'ticket_outcome', 'ticket'] loop
        execute format('drop table kora.%s_%s', place, part.suffix);
      end loop;
      return true;
    exception when lock_not_available then
      null;
    end;
  end loop;
  return false;
end $$;
