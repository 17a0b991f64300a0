-- What the request with an idempotency key was answered.
-- $1 uuid caller   $2 text route   $3 text key   $4 text hash of the request, in hex
-- Zero or one row: same boolean: it was this request; status int, answer text: null while it runs.
-- None: the key is free, or its request is in its only transaction.
SELECT request_hash = decode($4::text, 'hex') AS same, status, answer FROM idempotency_keys
WHERE user_id = $1::uuid AND route = $2::text AND key = $3::text AND expires_at > statement_timestamp()
