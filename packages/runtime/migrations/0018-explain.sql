-- safe: adds indexes, and columns that older builds leave empty
-- What an event came of, and what came of it (room chain/): few events name a cause, and only those are indexed.

create index event_by_cause on kora.event (workspace_id, causation_id, seq) where causation_id is not null;
-- Ids are made in the order of time, near that of the log: the ends of each stretch find one, and cost a seal nothing.
create index event_by_id on kora.event using brin (event_id) with (pages_per_range = 16, autosummarize = on);

-- The event that said so: what follows from the row names it as its cause.
alter table kora.probe_state add column changed_event uuid;
alter table kora.message add column accepted_event uuid;
alter table kora.hold add column added_event uuid default kora.event_id();
alter table kora.hold add column cleared_event uuid;
alter table kora.control add column issued_event uuid default kora.event_id();
