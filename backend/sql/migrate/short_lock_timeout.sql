-- Shortens the wait for locks until the end of the transaction. An ALTER TABLE that waits for a
-- long transaction makes all other statements on the table wait behind it; it gives up instead.
SELECT set_config('lock_timeout', '10s', true)
