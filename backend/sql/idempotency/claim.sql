-- Takes an idempotency key for the transaction, before all else in it; the statement after it keeps
-- its answer with the key (keep_answer), or holds the key (hold_key).
-- writes
-- $1 uuid caller   $2 text route   $3 text key   $4 text hash of the request, in hex
-- $5 uuid holder: the request itself, so that its later transactions may have the key again
-- One row, or SQLSTATE PWKEY: the key is another request's. idempotency/find says what became of
-- that one.
-- Locks an advisory lock until the end of the transaction, and waits for none.
SELECT claim_key($1::uuid, $2::text, $3::text, $4::text, $5::uuid)
