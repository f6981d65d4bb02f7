-- safe: new columns are null, new indexes, one that another covers goes, and a new function
-- What is on record of a run for whoever looks for what repeats (room promotion/), and the ways through the past.

alter table kora.reason_run
  -- What is known alone of the question, where that is not all of it.
  add column words text,
  -- The tools that its engine was offered.
  add column advertised text[],
  -- Text of strangers came with it or by its tools. Null where an older build ran it: nobody vouches for that.
  add column strangers boolean,
  -- The same, or it did so lately in its conversation: whoever thought had read it.
  add column untrusted boolean,
  -- What of that which was learned had a say: [{kind, key, revision, as, wouldHave}].
  add column learned jsonb check (jsonb_typeof(learned) = 'array');

-- Pages of a window, oldest first.
create index reason_run_past on kora.reason_run (workspace_id, ended_at, run_id) where forgotten_at is null;
drop index kora.reason_run_kept;
create index reason_tool_call_past on kora.reason_tool_call (workspace_id, at, run_id, ordinal);
create index incident_past on kora.incident (workspace_id, opened_at, incident_id);
create index fix_attempt_past on kora.fix_attempt (workspace_id, asked_at, attempt_id);

-- Whether a thing is of the fifth of the past that no proposal is made from. The runtime says the same of the same id.
create function kora.is_held_out(id text) returns boolean language sql immutable strict parallel safe
return pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.convert_to('held out ' || id, 'UTF8')), 0) < 51;
