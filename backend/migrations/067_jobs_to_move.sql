-- no transaction
-- What is done, the oldest first, without the failed ones that stay between them: jobs_finished has
-- both, as the release before asks for them together. Built beside the work on a big table.
CREATE INDEX CONCURRENTLY jobs_to_move ON jobs (coalesce(finished_at, updated_at)) WHERE status = 'DONE';
