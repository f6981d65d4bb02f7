-- safe: functions only
-- Which tickets a claim takes (room ticket/queue). Every probe is one range of an index in claim order, and no row is
-- locked that is not taken; where several priorities stand at one level, as many of each are looked at as are wanted.
-- These tables grow by a thousandfold between two vacuums, so the plans are made once and for any size: no scan of a whole
-- table, and no join that reads one side first.

-- How many tickets may be claimed now: `any`; or on a ramp `one`, whose claimer then holds the ramp's row, or `none`.
create function kora.claim_pace(in_workspace int) returns text language plpgsql as $$
declare
  last_claim timestamptz;
begin
  perform from kora.claim_ramp r where r.workspace_id = in_workspace and r.until > clock_timestamp();
  if not found then return 'any'; end if;
  -- Whoever does not get the row does not wait for it: another runtime is about to claim.
  select r.last_claim_at into last_claim from kora.claim_ramp r where r.workspace_id = in_workspace for update skip locked;
  if not found or last_claim > clock_timestamp() - interval '30 seconds' then return 'none'; end if;
  return 'one';
end $$;

-- When the oldest ticket of a kind and priority in a range of time became claimable.
create function kora.ready_head(
  in_workspace int, in_assigned_to text, in_kind text, in_priority int, only_critical boolean, low timestamptz,
  high timestamptz
) returns timestamptz language plpgsql as $$
begin
  if low > high then return null; end if;
  if only_critical then
    return (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind
        and r.priority = in_priority and r.eligible_at >= low and r.eligible_at <= high and r.critical
      order by r.eligible_at limit 1);
  end if;
  return (select r.eligible_at from kora.ticket_ready r
    where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind
      and r.priority = in_priority and r.eligible_at >= low and r.eligible_at <= high
    order by r.eligible_at limit 1);
end $$;

-- Where the oldest of a range lie that nobody else is taking; locked, in order, null when there is none.
create function kora.lock_ready(
  in_workspace int, in_assigned_to text, in_kind text, in_priority int, only_critical boolean, low timestamptz,
  high timestamptz, wanted int
) returns tid[] language plpgsql as $$
begin
  if only_critical then
    return (select array_agg(locked.ctid) from (
      select r.ctid from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind
        and r.priority = in_priority and r.eligible_at >= low and r.eligible_at <= high and r.critical
      order by r.eligible_at, r.ticket_id limit wanted for update skip locked) locked);
  end if;
  return (select array_agg(locked.ctid) from (
    select r.ctid from kora.ticket_ready r
    where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind
      and r.priority = in_priority and r.eligible_at >= low and r.eligible_at <= high
    order by r.eligible_at, r.ticket_id limit wanted for update skip locked) locked);
end $$;

-- Until when the oldest `wanted` of four ranges, one for each priority, became claimable.
create function kora.ready_cut(
  in_workspace int, in_assigned_to text, in_kind text, only_critical boolean, lows timestamptz[], highs timestamptz[],
  wanted int
) returns timestamptz language plpgsql as $$
begin
  if only_critical then
    return (select max(oldest.eligible_at) from (
      select ranges.eligible_at from (
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 0
        and r.eligible_at >= lows[0] and r.eligible_at <= highs[0] and r.critical
      order by r.eligible_at limit wanted)
      union all
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 1
        and r.eligible_at >= lows[1] and r.eligible_at <= highs[1] and r.critical
      order by r.eligible_at limit wanted)
      union all
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 2
        and r.eligible_at >= lows[2] and r.eligible_at <= highs[2] and r.critical
      order by r.eligible_at limit wanted)
      union all
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 3
        and r.eligible_at >= lows[3] and r.eligible_at <= highs[3] and r.critical
      order by r.eligible_at limit wanted)
      ) ranges order by ranges.eligible_at limit wanted) oldest);
  end if;
  return (select max(oldest.eligible_at) from (
      select ranges.eligible_at from (
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 0
        and r.eligible_at >= lows[0] and r.eligible_at <= highs[0]
      order by r.eligible_at limit wanted)
      union all
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 1
        and r.eligible_at >= lows[1] and r.eligible_at <= highs[1]
      order by r.eligible_at limit wanted)
      union all
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 2
        and r.eligible_at >= lows[2] and r.eligible_at <= highs[2]
      order by r.eligible_at limit wanted)
      union all
      (select r.eligible_at from kora.ticket_ready r
      where r.workspace_id = in_workspace and r.assigned_to = in_assigned_to and r.kind = in_kind and r.priority = 3
        and r.eligible_at >= lows[3] and r.eligible_at <= highs[3]
      order by r.eligible_at limit wanted)
      ) ranges order by ranges.eligible_at limit wanted) oldest);
end $$;

-- Takes up to `total` tickets out of kora.ticket_ready. For the kind at `kinds[i]` up to `limits[i]`, only critical ones
-- where `only_critical[i]`. A ticket's priority is better by one for each ten minutes it has waited. Within one priority
-- each kind has a fair share first, in the given order, then the rest is whoever's has more; within a kind the oldest first.
-- `hints[4 * (i - 1) + p + 1]`: nothing of that kind and priority p lies before, as far as the caller knows; or null.
-- While the workspace is on a ramp, one ticket each 30 s.
create function kora.pick_ready(
  in_workspace int, in_assigned_to text, kinds text[], limits int[], only_critical boolean[], total int,
  hints timestamptz[] default null
) returns table (
  turn int, ticket_id bigint, assigned_to text, assigned_at timestamptz, kind text, priority smallint,
  eligible_at timestamptz, critical boolean, fence bigint, attempts int, epoch bigint, failures int,
  deferred_at timestamptz, title text, objective text, payload jsonb, correlation_id text, causation_id uuid,
  trusted boolean
) language plpgsql rows 100
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_sort = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  step constant interval := '10 minutes';
  moment constant timestamptz := clock_timestamp();
  -- For each kind and priority the first that may be there; null where there is nothing any more.
  heads timestamptz[];
  taken int[] := array_fill(0, array[cardinality(kinds)]);
  hungry boolean[] := array_fill(false, array[cardinality(kinds)]);
  remaining int := total;
  pace text;
  places int;
  share int;
  wanted int;
  place int;
  low timestamptz;
  lows timestamptz[];
  highs timestamptz[];
  ranges int;
  cut timestamptz;
  places_found tid[];
begin
  if remaining <= 0 then return; end if;
  pace := kora.claim_pace(in_workspace);
  if pace = 'none' then return; end if;
  if pace = 'one' then remaining := 1; end if;

  heads := array(
    select kora.ready_head(in_workspace, in_assigned_to, kinds[at / 4 + 1], at % 4, only_critical[at / 4 + 1],
      coalesce(hints[at + 1], '-infinity'), moment)
    from generate_series(0, 4 * cardinality(kinds) - 1) at);

  -- Most looks find nothing, or tickets of one kind and priority: those stand in the order of their age, whatever the level.
  -- Each expression that runs is prepared once a transaction, so that what follows would cost a single ticket the most.
  places := cardinality(array_remove(heads, null));
  if places = 0 then return; end if;
  if places = 1 then
    place := array_position(heads, (array_remove(heads, null))[1]);
    places_found := kora.lock_ready(in_workspace, in_assigned_to, kinds[(place + 3) / 4], (place - 1) % 4,
      only_critical[(place + 3) / 4], heads[place], moment, least(limits[(place + 3) / 4], remaining));
    return query
      with gone as (
        delete from kora.ticket_ready r where r.ctid = any (places_found) returning r.*)
      select (place + 3) / 4, g.ticket_id, g.assigned_to, g.assigned_at, g.kind, g.priority, g.eligible_at, g.critical,
        g.fence, g.attempts, g.epoch, g.failures, g.deferred_at, t.title, t.objective, t.payload, t.correlation_id,
        t.causation_id, t.trusted
      from gone g cross join lateral (
        select t.* from kora.ticket t where t.workspace_id = in_workspace and t.ticket_id = g.ticket_id offset 0) t
      order by g.eligible_at, g.ticket_id;
    if pace = 'one' and cardinality(places_found) > 0 then
      update kora.claim_ramp r set last_claim_at = clock_timestamp() where r.workspace_id = in_workspace;
    end if;
    return;
  end if;

  -- Priority p stands at a level while it has waited p - level steps, and at 0 from then on: ranges that do not overlap.
  for level in 0..3 loop
    places := 0;
    for i in 1..cardinality(kinds) loop
      hungry[i] := false;
      continue when taken[i] >= limits[i];
      for p in level..3 loop
        place := 4 * (i - 1) + p + 1;
        low := moment - step * (p - level + 1) + interval '1 microsecond';
        if level > 0 and heads[place] < low then
          -- What is left of the level before is being taken by others.
          heads[place] := kora.ready_head(in_workspace, in_assigned_to, kinds[i], p, only_critical[i], low, moment);
        end if;
        hungry[i] := hungry[i] or coalesce(heads[place] <= moment - step * (p - level), false);
      end loop;
      if hungry[i] then places := places + 1; end if;
    end loop;
    continue when places = 0;
    share := ceil(remaining::numeric / places);
    for pass in 1..2 loop
      for i in 1..cardinality(kinds) loop
        wanted := least(limits[i] - taken[i], remaining, case pass when 1 then share else remaining end);
        while hungry[i] and wanted > 0 loop
          -- One range for each priority, as it stands at this level; where there are several, as far as the oldest reach.
          ranges := 0;
          for p in 0..3 loop
            place := 4 * (i - 1) + p + 1;
            lows[p] := heads[place];
            highs[p] := case when p >= level and heads[place] <= moment - step * (p - level)
              then moment - step * (p - level) else '-infinity' end;
            if highs[p] > '-infinity' then ranges := ranges + 1; end if;
          end loop;
          hungry[i] := ranges > 0;
          exit when ranges = 0;
          cut := moment;
          if ranges > 1 then
            cut := coalesce(kora.ready_cut(in_workspace, in_assigned_to, kinds[i], only_critical[i], lows, highs, wanted),
              moment);
          end if;
          places_found := '{}';
          for p in level..3 loop
            continue when highs[p] = '-infinity' or wanted = cardinality(places_found);
            places_found := places_found || kora.lock_ready(in_workspace, in_assigned_to, kinds[i], p, only_critical[i],
              lows[p], least(highs[p], cut), wanted - cardinality(places_found));
          end loop;
          return query
            with gone as (
              delete from kora.ticket_ready r where r.ctid = any (places_found) returning r.*)
            select i, g.ticket_id, g.assigned_to, g.assigned_at, g.kind, g.priority, g.eligible_at, g.critical, g.fence,
              g.attempts, g.epoch, g.failures, g.deferred_at, t.title, t.objective, t.payload, t.correlation_id,
              t.causation_id, t.trusted
            from gone g cross join lateral (
              select t.* from kora.ticket t where t.workspace_id = in_workspace and t.ticket_id = g.ticket_id offset 0) t
            order by g.eligible_at, g.ticket_id;
          taken[i] := taken[i] + cardinality(places_found);
          remaining := remaining - cardinality(places_found);
          wanted := wanted - cardinality(places_found);
          for p in level..3 loop
            continue when wanted = 0 or highs[p] = '-infinity';
            -- What is left of the range is being taken by others.
            heads[4 * (i - 1) + p + 1] := kora.ready_head(in_workspace, in_assigned_to, kinds[i], p, only_critical[i],
              least(highs[p], cut) + interval '1 microsecond', moment);
          end loop;
        end loop;
        exit when remaining = 0;
      end loop;
      exit when remaining = 0;
    end loop;
    exit when remaining = 0;
  end loop;

  if pace = 'one' and remaining = 0 then
    update kora.claim_ramp r set last_claim_at = clock_timestamp() where r.workspace_id = in_workspace;
  end if;
end $$;
