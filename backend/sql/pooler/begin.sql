-- Begins a transaction behind a transaction pooler: gives it the settings of a direct connection.
-- $1 text settings, "-c name=value -c name=value" (lane_settings in sys/db/lane.h)
-- Rows: one for each setting
-- The settings end with the transaction, so the next client of the server connection inherits none.
SELECT set_config(setting[1], setting[2], true) FROM regexp_matches($1::text, '-c (\w+)=(\S+)', 'g') AS setting
