-- safe: new columns and a new table only
-- The schedule, shared: who runs a task now, by which cadence its next time was reckoned, and what the operator set instead.

alter table kora.task
  -- In force when next_due_at was reckoned: another one is taken at its word at once.
  add column cadence jsonb,
  -- The occurrence that runs now, and until when whoever runs it is believed to live, by this database's clock.
  add column running_at timestamptz,
  add column running_until timestamptz,
  -- It only observes: a run that was broken off may be made once more.
  add column repeatable boolean not null default false,
  -- The due time that was told as overdue, so that it is told once.
  add column told_due_at timestamptz;

-- 2 when it was made once more after its runtime died.
alter table kora.occurrence add column attempt int not null default 1;

-- What the operator set in place of a task's own cadence; it outlives the plugin that brings the task.
create table kora.cadence (
  workspace_id int not null,
  task text not null,
  cadence jsonb not null,
  set_by text not null,
  reason text not null,
  set_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, task)
);
