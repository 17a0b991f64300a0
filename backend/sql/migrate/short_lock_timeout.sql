-- Until the end of the transaction. An ALTER TABLE that waits for a long transaction makes everybody else wait behind it; it gives up instead.
SELECT set_config('lock_timeout', '10s', true)
