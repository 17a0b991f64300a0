-- Whether the database can be written: a commit of its own, which waits for the disk and for the
-- standbys like that of any change, and changes nothing. On a database that can only be read it
-- writes nothing, and says so.
-- writes
-- No parameters.
-- One row: standby bool (this server is one), read_only bool (our transactions are)
SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only')::bool AS read_only,
       CASE WHEN NOT current_setting('transaction_read_only')::bool
            THEN pg_logical_emit_message(true, 'personaworlds', 'ready') END AS written
