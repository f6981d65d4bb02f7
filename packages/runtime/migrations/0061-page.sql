-- safe: a new table and indexes
-- What the page asks and no command did. Tasks that the operator paused (room daemon/): what they are due for is not run, on any runtime of the workspace.

create table kora.task_pause (
  workspace_id int not null,
  task text not null,
  paused_by text not null,
  reason text not null,
  paused_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, task)
);

-- What one channel told and heard, the newest first (room message/).
create index message_of_channel on kora.message (workspace_id, channel, message_id);
create index inbound_of_channel on kora.inbound (workspace_id, channel, inbound_id);
