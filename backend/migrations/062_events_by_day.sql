-- no transaction
-- events in partitions by UTC day, beside the work on them.
CALL partition_by_time('events');
