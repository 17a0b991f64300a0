-- Begins a transaction behind a transaction pooler with what a connection of our own is given at its start; it all ends with the transaction,
-- so whoever has the server connection next inherits nothing.
-- $1 text  statement_timeout, milliseconds; a lock is waited for as long
SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true), set_config('timezone', 'UTC', true), set_config('jit', 'off', true)
