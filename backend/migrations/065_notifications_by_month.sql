-- no transaction
-- Notifications in partitions by UTC month, as a user's list has no bound in time: few of them.
-- Beside the work on them.
CALL partition_by_time('notifications');
