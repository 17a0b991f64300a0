-- no transaction
-- A day's engaged battles that are at most a week old, in the order of weekly digests. Built beside the work on a big table.
-- Interrupted, it leaves an invalid index that the next try finds in its way: DROP INDEX battle_engagement_weekly.
CREATE INDEX CONCURRENTLY battle_engagement_weekly ON battle_engagement (day, weekly_rank(day, posted_at, shares, remixes) DESC)
    WHERE day <= utc_day(posted_at) + 7;
