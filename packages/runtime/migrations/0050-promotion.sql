-- safe: new tables
-- What loops propose, what was decided about it, and what is in force of it (room promotion/). What ships and what the
-- operator wrote is never changed: an overlay lies over it.

create table kora.promotion_proposal (
  workspace_id int not null,
  proposal_id bigint generated always as identity,
  loop text not null check (loop <> ''),
  plugin text not null,
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  kind text not null,
  key text not null,
  -- The newest revision, and its digest.
  revision int not null default 1 check (revision > 0),
  digest text not null,
  risk text not null check (risk in ('low', 'high')),
  evidence_size bigint not null check (evidence_size >= 0),
  content jsonb not null,
  decision text not null default 'pending'
    check (decision in ('pending', 'approved', 'rejected', 'expired', 'superseded')),
  application text not null default 'not_started'
    check (application in ('not_started', 'applied', 'kept', 'replaced', 'failed', 'rolled_back')),
  -- How often it was acted on: every transition names the number it read.
  steps int not null default 1 check (steps > 0),
  proposed_at timestamptz not null,
  changed_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  applied_at timestamptz,
  trial_hours int not null check (trial_hours > 0),
  trial_until timestamptz,
  -- The overlay that stood there before: what a rollback puts back. SQL null: nothing did.
  before jsonb,
  measure jsonb,
  measured_at timestamptz,
  superseded_by bigint,
  primary key (workspace_id, proposal_id),
  check (application not in ('applied', 'kept', 'replaced', 'rolled_back') or (decision = 'approved' and applied_at is not null)),
  check (application <> 'applied' or trial_until is not null)
);
-- However many cycles see the same thing, it is proposed once while it is open.
create unique index promotion_open on kora.promotion_proposal (workspace_id, fingerprint)
  where decision = 'pending' or (decision = 'approved' and application in ('not_started', 'applied', 'failed'));
create index promotion_fingerprint on kora.promotion_proposal (workspace_id, fingerprint, proposal_id desc);
create index promotion_place on kora.promotion_proposal (workspace_id, kind, key) where decision = 'pending';
create index promotion_due on kora.promotion_proposal (workspace_id, decision, application)
  where decision = 'pending' or (decision = 'approved' and application in ('not_started', 'applied'));

create table kora.promotion_revision (
  workspace_id int not null,
  proposal_id bigint not null,
  revision int not null,
  digest text not null,
  content jsonb not null,
  at timestamptz not null,
  primary key (workspace_id, proposal_id, revision)
);

create table kora.promotion_step (
  workspace_id int not null,
  proposal_id bigint not null,
  ordinal int not null check (ordinal > 0),
  at timestamptz not null,
  actor text not null check (actor <> ''),
  reason text not null check (reason <> ''),
  decision text not null,
  application text not null,
  revision int not null,
  primary key (workspace_id, proposal_id, ordinal)
);

create table kora.promotion_overlay (
  workspace_id int not null,
  kind text not null,
  key text not null,
  -- SQL null: it was taken back. The row stays, so that the revisions of a place count on.
  value jsonb,
  proposal_id bigint not null,
  revision int not null check (revision > 0),
  since timestamptz not null,
  trial_until timestamptz,
  primary key (workspace_id, kind, key)
);

create table kora.promotion_run (
  workspace_id int not null,
  run_id bigint generated always as identity,
  loop text not null,
  at timestamptz not null,
  duration_ms bigint not null,
  outcome text not null check (outcome in ('ok', 'failed', 'refused')),
  error text,
  observed bigint not null,
  drafts int not null,
  proposed int not null,
  unchanged int not null,
  refused jsonb not null,
  notes jsonb not null,
  primary key (workspace_id, run_id)
);
create index promotion_run_loop on kora.promotion_run (workspace_id, loop, run_id desc);

create function kora.guard_promotion() returns trigger language plpgsql as $$
begin
  if old.decision <> 'pending' and new.decision = 'pending'
    or old.decision in ('rejected', 'expired', 'superseded') and new.decision <> old.decision
    or old.application = 'rolled_back' and new.application <> 'rolled_back' then
    raise exception 'proposal % is % and %, and cannot become % and %',
      old.proposal_id, old.decision, old.application, new.decision, new.application using errcode = 'KO002';
  end if;
  -- Quoted: plpgsql takes the bare word for its own, and finds no such field.
  if (old."loop", old.fingerprint) is distinct from (new."loop", new.fingerprint) then
    raise exception 'what proposal % is about does not change', old.proposal_id using errcode = 'KO002';
  end if;
  return new;
end $$;
create trigger guard_promotion before update on kora.promotion_proposal
  for each row execute function kora.guard_promotion();
