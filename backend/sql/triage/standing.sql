-- Whether the server takes writes. A role of which somebody wants that it only reads doesn't count.
-- One row: is_standby boolean, is_read_only boolean: by the server's or the database's setting
SELECT pg_is_in_recovery() AS is_standby,
       (SELECT setting = 'on' AND source NOT IN ('user', 'database user', 'session', 'client')
        FROM pg_settings WHERE name = 'default_transaction_read_only') AS is_read_only
