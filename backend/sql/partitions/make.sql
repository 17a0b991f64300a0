-- Makes the partitions of the coming days and months.
-- writes
-- One row: how many were made.
SELECT make_partitions()
