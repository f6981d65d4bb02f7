-- safe: adds columns that older builds leave empty
-- Subscriptions (room chain/): who runs a consumer, and what people asked of its parked events.

alter table kora.subscription
  -- The session of the runtime that runs it, until then by the database's clock; empty when it was given back.
  add column holder uuid,
  -- Whose session that is: a runtime that comes back after a crash need not wait for its own lease to end.
  add column holder_runtime uuid,
  add column held_until timestamptz;

-- Set by whoever asks for a replay, through any runtime; the one that runs the consumer finds it and clears it.
alter table kora.parked_event add column replay_requested_at timestamptz;
create index parked_event_replay on kora.parked_event (workspace_id, consumer)
  where replay_requested_at is not null;
