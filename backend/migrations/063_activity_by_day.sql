-- no transaction
-- What personas did in partitions by UTC day; beside the work on them.
CALL partition_by_time('persona_activity_events');
