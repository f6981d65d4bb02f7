-- safe: a new table, columns that may stay empty, and functions that take what older builds give them
-- What spending is told apart by, and what bounds it beside the pool (room spend/).

alter table kora.spend_pool
  -- The part of the pool that only critical work draws on.
  add column critical bigint not null default 0 check (critical >= 0),
  -- What can wait spends no faster than the month goes by.
  add column paced boolean not null default false,
  -- Micro-dollars: {"day", "ticket", "routes": {name}, "plugins": {id}}. What is left out is not bounded.
  add column limits jsonb not null default '{}';

alter table kora.spend_account add column critical boolean not null default false;

alter table kora.spend_entry
  -- The day, in UTC, that a call's amounts count for: the one it was reserved on.
  add column day date,
  -- The question it was made for.
  add column run_id text check (length(run_id) between 1 and 200),
  add column model text check (length(model) between 1 and 200),
  add column tier text,
  -- Of a settlement: the cost is not what was counted at the model's own price.
  add column estimated boolean,
  -- Of a settlement: what the provider said was left of its limits, 0 to 1.
  add column headroom real check (headroom between 0 and 1);
create index spend_of_run on kora.spend_entry (workspace_id, run_id) where run_id is not null;
create index spend_headroom on kora.spend_entry (workspace_id, model, entry_id) where headroom is not null;

-- What calls of one day cost and have reserved, by what bounds them; those of a ticket over all days. The sum of the
-- journal's entries of calls, kept in the statement that adds to it.
create table kora.spend_used (
  workspace_id int not null,
  day date not null,
  scope text not null check (scope in ('day', 'route', 'plugin', 'ticket')),
  key text not null,
  spent bigint not null default 0 check (spent >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  primary key (workspace_id, day, scope, key)
);

-- One clock for the month, the day and the pace.
create function kora.spend_now() returns timestamptz language sql volatile set search_path = pg_catalog, pg_temp as $$
  select clock_timestamp()
$$;
create or replace function kora.spend_period() returns date language sql volatile set search_path = pg_catalog, pg_temp as $$
  select date_trunc('month', kora.spend_now() at time zone 'UTC')::date
$$;
create function kora.spend_day() returns date language sql volatile set search_path = pg_catalog, pg_temp as $$
  select (kora.spend_now() at time zone 'UTC')::date
$$;

-- How much of a pool may be spent by now when it is to last for the month: as much of it as has gone by of the month,
-- and a day ahead.
create function kora.spend_pace(of_pool bigint, month date) returns bigint language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select least(of_pool, floor(of_pool * (greatest(0, extract(epoch from kora.spend_now() - begun)) + 86400)
      / extract(epoch from ended - begun)))::bigint
  from (select month::timestamp at time zone 'UTC' as begun,
      (month + interval '1 month') at time zone 'UTC' as ended) of_month
$$;

-- What bounds a call: the day, its route and its caller on that day, and its ticket.
create function kora.spend_scopes(of_day date, of_route text, of_caller text, of_ticket bigint)
returns table (day date, scope text, key text) language sql immutable set search_path = pg_catalog, pg_temp as $$
  values (of_day, 'day', ''), (of_day, 'route', of_route), (of_day, 'plugin', of_caller)
  union all select '-infinity'::date, 'ticket', of_ticket::text where of_ticket is not null
$$;

-- Changes what a call's scopes have used. A call of before there were any has none.
create function kora.use_spend(begun kora.spend_entry, more_spent bigint, more_reserved bigint) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if begun.day is null then return; end if;
  insert into kora.spend_used (workspace_id, day, scope, key)
    select begun.workspace_id, s.day, s.scope, s.key
    from kora.spend_scopes(begun.day, begun.route, begun.caller, begun.ticket_id) s
    on conflict do nothing;
  update kora.spend_used u set spent = u.spent + more_spent, reserved = u.reserved + more_reserved
    from kora.spend_scopes(begun.day, begun.route, begun.caller, begun.ticket_id) s
    where u.workspace_id = begun.workspace_id and u.day = s.day and u.scope = s.scope and u.key = s.key;
end $$;

-- Which scope has no room for this much more; null when all have.
create function kora.spend_limit_met(
  of_workspace int, of_limits jsonb, of_day date, of_route text, of_caller text, of_ticket bigint, more bigint
) returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select s.scope from kora.spend_scopes(of_day, of_route, of_caller, of_ticket) s
  left join kora.spend_used u
    on u.workspace_id = of_workspace and u.day = s.day and u.scope = s.scope and u.key = s.key
  where coalesce(u.spent, 0) + coalesce(u.reserved, 0) + more > (case s.scope
      when 'day' then of_limits -> 'day' when 'ticket' then of_limits -> 'ticket'
      when 'route' then of_limits -> 'routes' -> s.key else of_limits -> 'plugins' -> s.key end)::bigint
  order by array_position(array['day', 'route', 'plugin', 'ticket'], s.scope) limit 1
$$;

-- Reserves, unless what is spent, what is reserved and this together pass the pool, or what bounds it beside the pool. A
-- call in a claim's name draws on the claim's account first, which is reserved already, and on the pool for what goes
-- beyond. A call id that is reserved, or was settled, answers what it was given then; one that was given back may be
-- reserved anew. `scope` says which bound was met.
drop function kora.reserve_spend(int, text, text, text, bigint, bigint, bigint);
create function kora.reserve_spend(
  in of_workspace int, in of_call text, in of_caller text, in of_route text, in estimate bigint, in of_ticket bigint,
  in of_fence bigint, in of_run text default null, in of_model text default null, in of_tier text default null,
  in is_critical boolean default false, in can_wait boolean default false,
  out verdict text, out amount bigint, out call_caller text, out call_state text, out scope text
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  pool_now kora.spend_pool;
  account kora.spend_account;
  made kora.spend_entry;
  month date;
  today date;
  spent_now bigint := 0;
  reserved_now bigint := 0;
  set_aside bigint := 0;
  last_kind text;
  drawn bigint := 0;
begin
  select * into pool_now from kora.spend_pool where workspace_id = of_workspace for update;
  if not found then verdict := 'no_pool'; return; end if;
  select kind into last_kind from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call order by entry_id desc limit 1;
  if last_kind in ('reserve', 'settle') then
    select reserved_change - account_change, caller into amount, call_caller from kora.spend_entry
      where workspace_id = of_workspace and call_id = of_call and kind = 'reserve' order by entry_id desc limit 1;
    verdict := 'repeated';
    call_state := case last_kind when 'reserve' then 'open' else 'settled' end;
    return;
  end if;
  month := kora.spend_period();
  today := kora.spend_day();
  select spent, reserved into spent_now, reserved_now from kora.spend_balance
    where workspace_id = of_workspace and period = month;
  spent_now := coalesce(spent_now, 0);
  reserved_now := coalesce(reserved_now, 0);
  select * into account from kora.spend_account
    where workspace_id = of_workspace and ticket_id = of_ticket and fence = of_fence and period = month;
  drawn := least(coalesce(account.remaining, 0), estimate);
  is_critical := is_critical or coalesce(account.critical, false);
  verdict := 'spent';
  if spent_now >= pool_now.pool
    or estimate > drawn and spent_now + reserved_now + estimate - drawn > pool_now.pool then
    scope := 'workspace';
    return;
  end if;
  if not is_critical and estimate > drawn
    and spent_now + reserved_now + estimate - drawn > pool_now.pool - pool_now.critical then
    scope := 'critical';
    return;
  end if;
  if pool_now.limits <> '{}' then
    scope := kora.spend_limit_met(of_workspace, pool_now.limits, today, of_route, of_caller, of_ticket, estimate);
    if scope is not null then return; end if;
  end if;
  verdict := 'paced';
  if can_wait and not is_critical then
    -- What claims have set aside is not spent yet: it does not keep others waiting.
    if pool_now.paced and estimate > drawn then
      select coalesce(sum(remaining), 0) into set_aside from kora.spend_account
        where workspace_id = of_workspace and period = month;
      if spent_now + reserved_now - set_aside >= kora.spend_pace(pool_now.pool, month) then
        scope := 'pace';
        return;
      end if;
    end if;
    -- Near the provider's own limits what can wait leaves the rest to what cannot.
    if (select headroom < 0.05 and at > clock_timestamp() - interval '1 minute' from kora.spend_entry
        where workspace_id = of_workspace and model = of_model and headroom is not null
        order by entry_id desc limit 1) then
      scope := 'provider';
      return;
    end if;
  end if;
  if drawn > 0 then
    update kora.spend_account set remaining = remaining - drawn
    where workspace_id = of_workspace and ticket_id = of_ticket and fence = of_fence;
  end if;
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, reserved_change,
      account_change, day, run_id, model, tier)
    values (of_workspace, month, 'reserve', of_call, of_caller, of_route, of_ticket, of_fence, estimate - drawn, -drawn,
      today, of_run, of_model, of_tier)
    returning * into made;
  insert into kora.spend_reservation (workspace_id, call_id, period, caller, route, reserved)
    values (of_workspace, of_call, month, of_caller, of_route, estimate);
  perform kora.add_spend(of_workspace, month, 0, estimate - drawn);
  perform kora.use_spend(made, 0, estimate);
  verdict := 'reserved';
  amount := estimate;
  call_caller := of_caller;
  call_state := 'open';
end $$;

-- What the call really cost takes the place of what was reserved for it, in the same period: first of what it drew from
-- its claim's account, then of the pool's. Without a cost it is what was reserved. A cost that comes after the release
-- counts all the same: it was spent.
drop function kora.settle_spend(int, text, text, bigint, jsonb);
create function kora.settle_spend(
  in of_workspace int, in of_call text, in of_caller text, in cost bigint, in counted jsonb, in of_model text default null,
  in of_tier text default null, in is_estimate boolean default false, in left_over real default null,
  out verdict text, out amount bigint, out was_reserved bigint, out call_caller text, out call_route text,
  out was_estimated boolean
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  begun kora.spend_entry;
  held bigint;
  refilled bigint := 0;
begin
  perform from kora.spend_pool where workspace_id = of_workspace for update;
  select * into begun from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call and kind = 'reserve' order by entry_id desc limit 1;
  if not found or begun.caller <> of_caller then verdict := 'unknown'; return; end if;
  was_reserved := begun.reserved_change - begun.account_change;
  call_caller := begun.caller;
  call_route := begun.route;
  select spent_change, estimated into amount, was_estimated from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call and kind = 'settle';
  if found then verdict := 'repeated'; return; end if;
  was_estimated := is_estimate or cost is null;
  cost := coalesce(cost, was_reserved);
  delete from kora.spend_reservation where workspace_id = of_workspace and call_id = of_call returning reserved into held;
  if held is not null then refilled := kora.refill_spend_account(begun, -begun.account_change - cost); end if;
  held := coalesce(held, 0);
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, spent_change,
      reserved_change, account_change, usage, day, run_id, model, tier, estimated, headroom)
    values (of_workspace, begun.period, 'settle', of_call, begun.caller, begun.route, begun.ticket_id, begun.fence, cost,
      refilled - held, refilled, counted, begun.day, begun.run_id, coalesce(of_model, begun.model),
      coalesce(of_tier, begun.tier), was_estimated, left_over);
  perform kora.add_spend(of_workspace, begun.period, cost, refilled - held);
  perform kora.use_spend(begun, cost, -held);
  verdict := 'settled';
  amount := cost;
end $$;

-- Gives up a reservation whose call will never say what it cost.
create or replace function kora.release_spend(
  in of_workspace int, in of_call text, in by_reason text,
  out verdict text, out amount bigint, out call_caller text, out call_route text
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  begun kora.spend_entry;
  held kora.spend_reservation;
  refilled bigint;
begin
  perform from kora.spend_pool where workspace_id = of_workspace for update;
  delete from kora.spend_reservation where workspace_id = of_workspace and call_id = of_call returning * into held;
  if not found then
    select kind, caller, route, abs(reserved_change - account_change) into verdict, call_caller, call_route, amount
      from kora.spend_entry where workspace_id = of_workspace and call_id = of_call order by entry_id desc limit 1;
    verdict := case verdict when 'release' then 'repeated' when 'settle' then 'settled' else 'unknown' end;
    return;
  end if;
  select * into begun from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call and kind = 'reserve' order by entry_id desc limit 1;
  refilled := kora.refill_spend_account(begun, -begun.account_change);
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, reserved_change,
      account_change, reason, day, run_id, model, tier)
    values (of_workspace, begun.period, 'release', of_call, begun.caller, begun.route, begun.ticket_id, begun.fence,
      refilled - held.reserved, refilled, by_reason, begun.day, begun.run_id, begun.model, begun.tier);
  perform kora.add_spend(of_workspace, held.period, 0, refilled - held.reserved);
  perform kora.use_spend(begun, 0, -held.reserved);
  verdict := 'released';
  amount := held.reserved;
  call_caller := held.caller;
  call_route := held.route;
end $$;

-- Opens an account for each claim in the given order, as long as there is money; answers those it has none for, and why.
-- Claims that are not critical leave alone what is kept for those that are, and keep the pace.
drop function kora.open_spend_accounts(int, bigint[], bigint[], bigint[], text);
create function kora.open_spend_accounts(
  of_workspace int, tickets bigint[], fences bigint[], budgets bigint[], of_caller text, criticals boolean[] default '{}'
) returns table (ticket_id bigint, reason text) language plpgsql strict set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  pool_now kora.spend_pool;
  month date;
  spent_now bigint := 0;
  taken bigint := 0;
  granted_now bigint := 0;
  pace bigint;
begin
  select * into pool_now from kora.spend_pool where workspace_id = of_workspace for update;
  month := kora.spend_period();
  select spent, spent + reserved into spent_now, taken from kora.spend_balance
    where workspace_id = of_workspace and period = month;
  spent_now := coalesce(spent_now, 0);
  taken := coalesce(taken, 0);
  if pool_now.paced then pace := kora.spend_pace(pool_now.pool, month); end if;
  for i in 1..cardinality(tickets) loop
    reason := case
      when pool_now.pool is null then 'nobody has said what may be spent'
      when spent_now >= pool_now.pool or taken + budgets[i] > pool_now.pool then
        format('its budget of %s does not fit: %s of %s are spent and %s set aside', kora.as_dollars(budgets[i]),
          kora.as_dollars(spent_now), kora.as_dollars(pool_now.pool), kora.as_dollars(taken - spent_now))
      when coalesce(criticals[i], false) then null
      when taken + budgets[i] > pool_now.pool - pool_now.critical then
        format('its budget of %s does not fit: %s of %s are spent and %s set aside, and %s is kept for critical work',
          kora.as_dollars(budgets[i]), kora.as_dollars(spent_now), kora.as_dollars(pool_now.pool),
          kora.as_dollars(taken - spent_now), kora.as_dollars(pool_now.critical))
      when taken >= pace then
        format('its budget of %s waits: %s are spent and %s set aside, and by now %s of the month may be',
          kora.as_dollars(budgets[i]), kora.as_dollars(spent_now), kora.as_dollars(taken - spent_now),
          kora.as_dollars(pace)) end;
    if reason is not null then
      ticket_id := tickets[i];
      return next;
      continue;
    end if;
    insert into kora.spend_account (workspace_id, ticket_id, fence, period, granted, remaining, critical)
      values (of_workspace, tickets[i], fences[i], month, budgets[i], budgets[i], coalesce(criticals[i], false));
    insert into kora.spend_entry (workspace_id, period, kind, caller, ticket_id, fence, reserved_change, account_change)
      values (of_workspace, month, 'open', of_caller, tickets[i], fences[i], budgets[i], budgets[i]);
    granted_now := granted_now + budgets[i];
    taken := taken + budgets[i];
  end loop;
  if granted_now > 0 then perform kora.add_spend(of_workspace, month, 0, granted_now); end if;
end $$;

-- The runtime that started last says what the pool is, and what bounds spending beside it; answers what the pool was, null
-- for the first, and whether anything is different now. What it does not say stays.
drop function kora.set_spend_pool(int, text, bigint);
create function kora.set_spend_pool(
  in of_workspace int, in of_caller text, in wanted bigint, in of_critical bigint default null,
  in is_paced boolean default null, in of_limits jsonb default null,
  out was bigint, out changed boolean, out bounds_changed boolean
) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  before kora.spend_pool;
begin
  insert into kora.spend_pool (workspace_id, pool, rung_period) values (of_workspace, wanted, kora.spend_period())
    on conflict (workspace_id) do nothing;
  changed := found;
  select * into before from kora.spend_pool where workspace_id = of_workspace for update;
  if not changed then
    was := before.pool;
    changed := was <> wanted;
  end if;
  bounds_changed := (before.critical, before.paced, before.limits) is distinct from
    (coalesce(of_critical, before.critical), coalesce(is_paced, before.paced), coalesce(of_limits, before.limits));
  if changed or bounds_changed then
    update kora.spend_pool set pool = wanted, critical = coalesce(of_critical, critical),
      paced = coalesce(is_paced, paced), limits = coalesce(of_limits, limits)
    where workspace_id = of_workspace;
  end if;
  if changed then
    insert into kora.spend_entry (workspace_id, period, kind, caller, pool)
      values (of_workspace, kora.spend_period(), 'pool', of_caller, wanted);
  end if;
end $$;

-- For what questions came to, over a window.
create index reason_run_ended on kora.reason_run (workspace_id, ended_at) where ended_at is not null;
