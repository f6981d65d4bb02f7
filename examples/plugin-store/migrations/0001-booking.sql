-- safe: the first tables
create table booking (
  seat text primary key,
  guest text not null,
  ticket bigint not null,
  booked_at timestamptz not null default now()
);
create table ending (
  resolution text primary key,
  times int not null
);
