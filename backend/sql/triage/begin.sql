-- Begins each transaction of triage: read-only, with short timeouts.
-- $1 text  statement_timeout   $2 text  lock_timeout; milliseconds
-- The settings end with the transaction.
SELECT set_config('transaction_read_only', 'on', true), set_config('statement_timeout', $1, true),
       set_config('lock_timeout', $2, true)
