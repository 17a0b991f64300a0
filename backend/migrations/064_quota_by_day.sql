-- no transaction
-- Units of quotas in partitions by UTC day; beside the work on them.
CALL partition_by_time('quota_events');
