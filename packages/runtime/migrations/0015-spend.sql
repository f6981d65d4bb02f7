-- safe: new tables only
-- The spend journal (room spend/). Every amount is a whole number of micro-dollars. The journal is the truth: it is only
-- ever added to, and what else stands here is its sum, kept in the statement that added to it.

create table kora.spend_entry (
  workspace_id int not null,
  entry_id bigint generated always as identity,
  -- First day of the calendar month, in UTC, that the amounts count for: a call's is the one it was reserved in.
  period date not null,
  kind text not null check (kind in ('reserve', 'settle', 'release', 'reconcile', 'pool')),
  call_id text check (length(call_id) between 1 and 200),
  caller text not null,
  route text,
  ticket_id bigint,
  fence bigint,
  spent_change bigint not null default 0 check (spent_change between 0 and 1000000000000000),
  reserved_change bigint not null default 0 check (abs(reserved_change) <= 1000000000000000),
  -- What the provider counted, for a settlement: numbers by name.
  usage jsonb,
  -- For a reconciliation: what was reported, and what the journal said before it.
  reported bigint check (reported between 0 and 1000000000000000),
  spent_before bigint,
  -- The pool as it was set.
  pool bigint check (pool between 1 and 1000000000000000),
  reason text,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, entry_id),
  check ((kind in ('reserve', 'settle', 'release')) = (call_id is not null)),
  check ((kind = 'reconcile') = (reported is not null and spent_before is not null)),
  check ((kind = 'pool') = (pool is not null)),
  check (case kind when 'reserve' then reserved_change >= 0 else reserved_change <= 0 end),
  check (kind in ('settle', 'reconcile') or spent_change = 0)
);
-- A call is settled once; while it is reserved or settled, its id reserves nothing more.
create unique index spend_settled_once on kora.spend_entry (workspace_id, call_id) where kind = 'settle';
create index spend_of_call on kora.spend_entry (workspace_id, call_id, entry_id) where call_id is not null;
create index spend_by_time on kora.spend_entry (workspace_id, at);
create index spend_reconciled on kora.spend_entry (workspace_id, entry_id) where kind = 'reconcile';
select kora.guard_log('kora.spend_entry');

-- One row a workspace: what it may spend in a period, and the rung that was told last. Its lock is the order in which
-- the workspace's spending happens.
create table kora.spend_pool (
  workspace_id int primary key,
  pool bigint not null check (pool between 1 and 1000000000000000),
  rung text not null default 'normal' check (rung in ('normal', 'warn_75', 'downshift_90', 'hard_stop_100')),
  rung_period date not null
);

create table kora.spend_balance (
  workspace_id int not null,
  period date not null,
  spent bigint not null default 0 check (spent >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  primary key (workspace_id, period)
);

-- Calls that were reserved and are not over.
create table kora.spend_reservation (
  workspace_id int not null,
  call_id text not null,
  period date not null,
  caller text not null,
  route text not null,
  reserved bigint not null check (reserved >= 0),
  since timestamptz not null default clock_timestamp(),
  primary key (workspace_id, call_id)
);

-- The month by the database's clock: runtimes whose own clocks differ agree on it.
create function kora.spend_period() returns date language sql volatile set search_path = pg_catalog, pg_temp as $$
  select date_trunc('month', clock_timestamp() at time zone 'UTC')::date
$$;

create function kora.add_spend(of_workspace int, of_period date, more_spent bigint, more_reserved bigint)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  insert into kora.spend_balance (workspace_id, period) values (of_workspace, of_period)
  on conflict (workspace_id, period) do nothing;
  update kora.spend_balance set spent = spent + more_spent, reserved = reserved + more_reserved
  where workspace_id = of_workspace and period = of_period;
$$;

-- Reserves, unless what is spent, what is reserved and this together pass the pool. A call id that is reserved, or was
-- settled, answers what it was given then; one that was given back may be reserved anew.
create function kora.reserve_spend(
  in of_workspace int, in of_call text, in of_caller text, in of_route text, in estimate bigint, in of_ticket bigint,
  in of_fence bigint,
  out verdict text, out amount bigint, out call_caller text, out call_state text
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  allowed bigint;
  month date;
  spent_now bigint := 0;
  reserved_now bigint := 0;
  last_kind text;
begin
  select pool into allowed from kora.spend_pool where workspace_id = of_workspace for update;
  if not found then verdict := 'no_pool'; return; end if;
  select kind into last_kind from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call order by entry_id desc limit 1;
  if last_kind in ('reserve', 'settle') then
    select reserved_change, caller into amount, call_caller from kora.spend_entry
      where workspace_id = of_workspace and call_id = of_call and kind = 'reserve' order by entry_id desc limit 1;
    verdict := 'repeated';
    call_state := case last_kind when 'reserve' then 'open' else 'settled' end;
    return;
  end if;
  month := kora.spend_period();
  select spent, reserved into spent_now, reserved_now from kora.spend_balance
    where workspace_id = of_workspace and period = month;
  if coalesce(spent_now, 0) >= allowed
    or coalesce(spent_now, 0) + coalesce(reserved_now, 0) + estimate > allowed then
    verdict := 'spent';
    return;
  end if;
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, reserved_change)
    values (of_workspace, month, 'reserve', of_call, of_caller, of_route, of_ticket, of_fence, estimate);
  insert into kora.spend_reservation (workspace_id, call_id, period, caller, route, reserved)
    values (of_workspace, of_call, month, of_caller, of_route, estimate);
  perform kora.add_spend(of_workspace, month, 0, estimate);
  verdict := 'reserved';
  amount := estimate;
  call_caller := of_caller;
  call_state := 'open';
end $$;

-- What the call really cost takes the place of what was reserved for it, in the same period. A cost that comes after the
-- release counts all the same: it was spent.
create function kora.settle_spend(
  in of_workspace int, in of_call text, in of_caller text, in cost bigint, in counted jsonb,
  out verdict text, out amount bigint, out was_reserved bigint, out call_caller text, out call_route text
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  begun kora.spend_entry;
  held bigint;
begin
  perform from kora.spend_pool where workspace_id = of_workspace for update;
  select * into begun from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call and kind = 'reserve' order by entry_id desc limit 1;
  if not found or begun.caller <> of_caller then verdict := 'unknown'; return; end if;
  was_reserved := begun.reserved_change;
  call_caller := begun.caller;
  call_route := begun.route;
  select spent_change into amount from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call and kind = 'settle';
  if found then verdict := 'repeated'; return; end if;
  delete from kora.spend_reservation where workspace_id = of_workspace and call_id = of_call returning reserved into held;
  held := coalesce(held, 0);
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, spent_change,
      reserved_change, usage)
    values (of_workspace, begun.period, 'settle', of_call, begun.caller, begun.route, begun.ticket_id, begun.fence, cost,
      -held, counted);
  perform kora.add_spend(of_workspace, begun.period, cost, -held);
  verdict := 'settled';
  amount := cost;
end $$;

-- Gives up a reservation whose call will never say what it cost.
create function kora.release_spend(
  in of_workspace int, in of_call text, in by_reason text,
  out verdict text, out amount bigint, out call_caller text, out call_route text
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  held kora.spend_reservation;
begin
  perform from kora.spend_pool where workspace_id = of_workspace for update;
  delete from kora.spend_reservation where workspace_id = of_workspace and call_id = of_call returning * into held;
  if not found then
    select kind, caller, route, abs(reserved_change) into verdict, call_caller, call_route, amount from kora.spend_entry
      where workspace_id = of_workspace and call_id = of_call order by entry_id desc limit 1;
    verdict := case verdict when 'release' then 'repeated' when 'settle' then 'settled' else 'unknown' end;
    return;
  end if;
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, reserved_change, reason)
    select workspace_id, period, 'release', call_id, caller, route, ticket_id, fence, -held.reserved, by_reason
    from kora.spend_entry where workspace_id = of_workspace and call_id = of_call and kind = 'reserve'
    order by entry_id desc limit 1;
  perform kora.add_spend(of_workspace, held.period, 0, -held.reserved);
  verdict := 'released';
  amount := held.reserved;
  call_caller := held.caller;
  call_route := held.route;
end $$;

-- What the provider says was spent in this period. More than the journal knows is added; less changes nothing. Either way
-- it is kept with what the journal said before.
create function kora.reconcile_spend(
  in of_workspace int, in of_caller text, in report bigint, in by_reason text,
  out month date, out before bigint, out raised bigint
) language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform from kora.spend_pool where workspace_id = of_workspace for update;
  month := kora.spend_period();
  select spent into before from kora.spend_balance where workspace_id = of_workspace and period = month;
  before := coalesce(before, 0);
  raised := greatest(0, report - before);
  insert into kora.spend_entry (workspace_id, period, kind, caller, spent_change, reported, spent_before, reason)
    values (of_workspace, month, 'reconcile', of_caller, raised, report, before, by_reason);
  perform kora.add_spend(of_workspace, month, raised, 0);
end $$;

-- The runtime that started last says what the pool is; answers what it was, null for the first.
create function kora.set_spend_pool(in of_workspace int, in of_caller text, in wanted bigint, out was bigint, out changed boolean)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into kora.spend_pool (workspace_id, pool, rung_period) values (of_workspace, wanted, kora.spend_period())
    on conflict (workspace_id) do nothing;
  changed := found;
  if not changed then
    select pool into was from kora.spend_pool where workspace_id = of_workspace for update;
    changed := was <> wanted;
    update kora.spend_pool set pool = wanted where workspace_id = of_workspace and changed;
  end if;
  if changed then
    insert into kora.spend_entry (workspace_id, period, kind, caller, pool)
      values (of_workspace, kora.spend_period(), 'pool', of_caller, wanted);
  end if;
end $$;
