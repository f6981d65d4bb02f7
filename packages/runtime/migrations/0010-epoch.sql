-- safe: new tables only
-- Which store this is, and which of its lives (room state/): what tells a restored copy from the one before.

create table kora.store_identity (
  only_row boolean primary key default true check (only_row),
  store_id uuid not null default gen_random_uuid()
);
insert into kora.store_identity default values;

-- The epoch is the store's: a restore rolls every workspace back at once. The newest row counts.
create table kora.store_epoch (
  epoch bigint primary key,
  raised_by text not null,
  reason text not null,
  raised_at timestamptz not null default clock_timestamp()
);
insert into kora.store_epoch (epoch, raised_by, reason) values (1, 'kora', 'the store was made');

-- Accepting is each workspace's: its other runtimes take the accepted epoch over instead of asking again.
create table kora.epoch_acceptance (
  workspace_id int not null,
  epoch bigint not null,
  accepted_by text not null,
  accepted_at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, epoch)
);
