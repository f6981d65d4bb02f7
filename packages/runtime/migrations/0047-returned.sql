-- safe: a new index
-- A channel may hear later that what it had told did not arrive (room message/): its receipt is what it knows of it.

create index delivery_receipt on kora.delivery using hash (receipt);
