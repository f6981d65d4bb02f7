-- safe: new indexes
-- What answered a message that came in, and which alert a message tells of (room message/), as the page asks it.

create index message_answering on kora.message (workspace_id, answers) where answers is not null;
create index alert_telling_of_key on kora.alert_telling using hash (key);
