-- The version of Postgres, and the rights of our role.
-- One row: version int (150004), version_text text, may_create bool (tables, in the current
--          schema), is_writable bool (neither a standby nor read-only by a setting),
--          is_superuser bool, connections_max int (for roles that are no superuser), backend int
--          (the process that serves this session)
SELECT current_setting('server_version_num')::int,
       split_part(current_setting('server_version'), ' ', 1),
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
       NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::bool),
       current_setting('is_superuser')::bool,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
       pg_backend_pid()
