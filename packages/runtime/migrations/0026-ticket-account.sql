-- safe: new tables, columns that may stay empty, functions, and kinds of entries that older builds do not write
-- Money that a claim sets aside for its ticket (room spend/), and tickets that were tried too often (room state/).

-- What a claim may still spend: set aside when it is made, given back when it ends.
create table kora.spend_account (
  workspace_id int not null,
  ticket_id bigint not null,
  fence bigint not null,
  -- The month it was opened in; what is left of it is of no use in another one.
  period date not null,
  granted bigint not null check (granted > 0),
  remaining bigint not null check (remaining between 0 and granted),
  since timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id, fence)
);

-- What the claim set aside; null for work by rules alone, which touches nothing of this.
alter table kora.ticket_lease add column budget_micro_usd bigint check (budget_micro_usd > 0);
-- What it needs to be claimed, where it was put off for want of that much.
alter table kora.ticket_parked add column needs_micro_usd bigint check (needs_micro_usd > 0);

-- By how much what is left in the account of (ticket_id, fence) changed. What is left there counts as reserved, so that a
-- reservation that draws on it changes the one and not the other.
alter table kora.spend_entry add column account_change bigint not null default 0
  check (abs(account_change) <= 1000000000000000);
alter table kora.spend_entry drop constraint spend_entry_kind_check, drop constraint spend_entry_check3;
alter table kora.spend_entry
  add constraint spend_entry_kind_check
    check (kind in ('reserve', 'settle', 'release', 'reconcile', 'pool', 'open', 'close')),
  add constraint spend_entry_direction
    check (case when kind in ('reserve', 'open') then reserved_change >= 0 else reserved_change <= 0 end),
  add constraint spend_entry_account check (case kind
    when 'open' then account_change > 0 when 'settle' then account_change >= 0 when 'release' then account_change >= 0
    when 'reserve' then account_change <= 0 when 'close' then account_change <= 0 else account_change = 0 end),
  add constraint spend_entry_account_of check
    (account_change = 0 and kind not in ('open', 'close') or ticket_id is not null and fence is not null);
create index spend_of_ticket on kora.spend_entry (workspace_id, ticket_id, fence) where ticket_id is not null;

-- The pool ended while tickets that pay were in hand: the hold follows when they are over, and at the latest then.
alter table kora.spend_pool add column hold_due_at timestamptz;

create function kora.as_dollars(micro bigint) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select '$' || trim_scale(micro / 1000000.0)
$$;

-- Opens an account for each claim in the given order, as long as there is money; answers those it has none for, and why.
create function kora.open_spend_accounts(
  of_workspace int, tickets bigint[], fences bigint[], budgets bigint[], of_caller text
) returns table (ticket_id bigint, reason text) language plpgsql strict set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  allowed bigint;
  month date;
  spent_now bigint := 0;
  reserved_now bigint := 0;
  granted_now bigint := 0;
begin
  select pool into allowed from kora.spend_pool where workspace_id = of_workspace for update;
  month := kora.spend_period();
  select spent, reserved into spent_now, reserved_now from kora.spend_balance
    where workspace_id = of_workspace and period = month;
  spent_now := coalesce(spent_now, 0);
  reserved_now := coalesce(reserved_now, 0);
  for i in 1..cardinality(tickets) loop
    if allowed is null or spent_now >= allowed or spent_now + reserved_now + granted_now + budgets[i] > allowed then
      ticket_id := tickets[i];
      reason := case when allowed is null then 'nobody has said what may be spent' else
        format('its budget of %s does not fit: %s of %s are spent and %s set aside', kora.as_dollars(budgets[i]),
          kora.as_dollars(spent_now), kora.as_dollars(allowed), kora.as_dollars(reserved_now + granted_now)) end;
      return next;
      continue;
    end if;
    insert into kora.spend_account (workspace_id, ticket_id, fence, period, granted, remaining)
      values (of_workspace, tickets[i], fences[i], month, budgets[i], budgets[i]);
    insert into kora.spend_entry (workspace_id, period, kind, caller, ticket_id, fence, reserved_change, account_change)
      values (of_workspace, month, 'open', of_caller, tickets[i], fences[i], budgets[i], budgets[i]);
    granted_now := granted_now + budgets[i];
  end loop;
  if granted_now > 0 then perform kora.add_spend(of_workspace, month, 0, granted_now); end if;
end $$;

-- Gives back what is left in the accounts of claims that ended; answers how much. What their calls still have reserved
-- stays so until they are settled.
create function kora.close_spend_accounts(of_workspace int, tickets bigint[], fences bigint[], of_caller text)
returns bigint language plpgsql strict set search_path = pg_catalog, pg_temp as $$
declare
  account kora.spend_account;
  given bigint := 0;
begin
  perform from kora.spend_pool where workspace_id = of_workspace for update;
  for account in
    delete from kora.spend_account a using unnest(tickets, fences) as ended (ticket, claim)
    where a.workspace_id = of_workspace and a.ticket_id = ended.ticket and a.fence = ended.claim returning a.*
  loop
    insert into kora.spend_entry (workspace_id, period, kind, caller, ticket_id, fence, reserved_change, account_change)
      values (of_workspace, account.period, 'close', of_caller, account.ticket_id, account.fence, -account.remaining,
        -account.remaining);
    perform kora.add_spend(of_workspace, account.period, 0, -account.remaining);
    given := given + account.remaining;
  end loop;
  return given;
end $$;

-- Reserves, unless what is spent, what is reserved and this together pass the pool. A call in a claim's name draws on the
-- claim's account first, which is reserved already, and on the pool for what goes beyond. A call id that is reserved, or
-- was settled, answers what it was given then; one that was given back may be reserved anew.
create or replace function kora.reserve_spend(
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
  drawn bigint := 0;
begin
  select pool into allowed from kora.spend_pool where workspace_id = of_workspace for update;
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
  select spent, reserved into spent_now, reserved_now from kora.spend_balance
    where workspace_id = of_workspace and period = month;
  select least(remaining, estimate) into drawn from kora.spend_account
    where workspace_id = of_workspace and ticket_id = of_ticket and fence = of_fence and period = month;
  drawn := coalesce(drawn, 0);
  if coalesce(spent_now, 0) >= allowed
    or estimate > drawn and coalesce(spent_now, 0) + coalesce(reserved_now, 0) + estimate - drawn > allowed then
    verdict := 'spent';
    return;
  end if;
  if drawn > 0 then
    update kora.spend_account set remaining = remaining - drawn
    where workspace_id = of_workspace and ticket_id = of_ticket and fence = of_fence;
  end if;
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, reserved_change,
      account_change)
    values (of_workspace, month, 'reserve', of_call, of_caller, of_route, of_ticket, of_fence, estimate - drawn, -drawn);
  insert into kora.spend_reservation (workspace_id, call_id, period, caller, route, reserved)
    values (of_workspace, of_call, month, of_caller, of_route, estimate);
  perform kora.add_spend(of_workspace, month, 0, estimate - drawn);
  verdict := 'reserved';
  amount := estimate;
  call_caller := of_caller;
  call_state := 'open';
end $$;

-- What a call did not use of what it drew goes back to its claim's account while that is open, and to the pool otherwise;
-- answers what went to the account.
create function kora.refill_spend_account(begun kora.spend_entry, unused bigint) returns bigint language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
  if unused <= 0 then return 0; end if;
  update kora.spend_account set remaining = remaining + unused
  where workspace_id = begun.workspace_id and ticket_id = begun.ticket_id and fence = begun.fence;
  return case when found then unused else 0 end;
end $$;

-- What the call really cost takes the place of what was reserved for it, in the same period: first of what it drew from
-- its claim's account, then of the pool's. A cost that comes after the release counts all the same: it was spent.
create or replace function kora.settle_spend(
  in of_workspace int, in of_call text, in of_caller text, in cost bigint, in counted jsonb,
  out verdict text, out amount bigint, out was_reserved bigint, out call_caller text, out call_route text
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
  select spent_change into amount from kora.spend_entry
    where workspace_id = of_workspace and call_id = of_call and kind = 'settle';
  if found then verdict := 'repeated'; return; end if;
  delete from kora.spend_reservation where workspace_id = of_workspace and call_id = of_call returning reserved into held;
  if held is not null then refilled := kora.refill_spend_account(begun, -begun.account_change - cost); end if;
  held := coalesce(held, 0);
  insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, ticket_id, fence, spent_change,
      reserved_change, account_change, usage)
    values (of_workspace, begun.period, 'settle', of_call, begun.caller, begun.route, begun.ticket_id, begun.fence, cost,
      refilled - held, refilled, counted);
  perform kora.add_spend(of_workspace, begun.period, cost, refilled - held);
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
      account_change, reason)
    values (of_workspace, begun.period, 'release', of_call, begun.caller, begun.route, begun.ticket_id, begun.fence,
      refilled - held.reserved, refilled, by_reason);
  perform kora.add_spend(of_workspace, held.period, 0, refilled - held.reserved);
  verdict := 'released';
  amount := held.reserved;
  call_caller := held.caller;
  call_route := held.route;
end $$;

-- Tickets that were tried as often as one epoch of the store allows: until a reset, or the next epoch, only critical work
-- is claimed in the workspace.
create table kora.retry_ceiling (
  workspace_id int not null,
  ticket_id bigint not null,
  fence bigint not null,
  epoch bigint not null,
  attempts int not null,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, ticket_id, fence)
);
create index retry_ceiling_epoch on kora.retry_ceiling (workspace_id, epoch, at desc);
