-- safe: a new table, new columns are null, and a check that takes one value more
-- How what is wrong was told (room alert/): over which channel, with which receipt, and what waits for quiet hours to end.

-- One message about an alert; where it is, and its receipt, the outbox and the deliveries know.
create table kora.alert_telling (
  workspace_id int not null,
  alert_id bigint not null,
  -- Of the message.
  key text not null,
  returns int not null,
  said_at timestamptz not null,
  -- When it was last handed to its next channel, for want of a receipt.
  passed_at timestamptz,
  primary key (workspace_id, alert_id, key)
);

alter table kora.alert
  -- The first receipt of the latest message about it, and the channel that gave it.
  add column heard_at timestamptz,
  add column heard_over text,
  -- Which return was told again because the inbox alone had taken it.
  add column late_returns int not null default 0;

alter table kora.alert drop constraint alert_owed_check;
alter table kora.alert add constraint alert_owed_check check (owed in ('now', 'cooldown', 'digest', 'quiet'));

-- What was told in a thread, over whichever channels.
create index message_of_thread on kora.message (workspace_id, thread, message_id);
