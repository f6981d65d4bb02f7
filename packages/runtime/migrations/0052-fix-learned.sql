-- safe: a column that may stay empty
-- Which change of its envelope an attempt was made under, where one was learned: {"proposalId", "revision"}.

alter table kora.fix_attempt add column learned jsonb;
