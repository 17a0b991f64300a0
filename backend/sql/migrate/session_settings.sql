-- A migration may take longer than the role's usual statement_timeout. When its client is gone, by
-- a stop or a crash, Postgres ends it instead of finishing what nobody records: until then the next
-- start would wait for the lock.
SELECT set_config('statement_timeout', '0', false),
       set_config('client_connection_check_interval', '1s', false)
