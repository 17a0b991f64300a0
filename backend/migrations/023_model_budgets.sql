-- Tokens of the model provider by UTC day, of all processes together.

-- taken: by processes, in portions; used: by calls, as processes have told; calls: those that used
-- them; granted: to the process that wrote the row last.
-- Every process writes today's row a few times a second: the free space keeps its versions within
-- their page.
CREATE TABLE model_budgets (
    day date PRIMARY KEY,
    taken bigint NOT NULL DEFAULT 0,
    used bigint NOT NULL DEFAULT 0,
    calls bigint NOT NULL DEFAULT 0,
    granted bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);
