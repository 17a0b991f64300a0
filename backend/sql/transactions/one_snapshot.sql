-- Begins a transaction whose statements see one snapshot, on a connection that has them not so by
-- itself. No query may go before it.
-- Rows: none
-- SET TRANSACTION would do the same, and warn that no BEGIN went before: a pipeline's transaction
-- begins without one.
SET transaction_isolation = 'repeatable read'
