-- A migration may take longer than the role's usual statement_timeout.
SELECT set_config('statement_timeout', '0', false)
