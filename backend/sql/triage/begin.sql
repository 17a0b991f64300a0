-- What every look at the database begins with: it can't write, nor wait long; all of it ends with the transaction.
-- $1 text  statement_timeout   $2 text  lock_timeout; milliseconds
SELECT set_config('transaction_read_only', 'on', true), set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)
