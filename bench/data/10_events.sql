-- Counted in one go after the load (docs/SCALING.md).
ALTER TABLE events DISABLE TRIGGER events_count;

-- Five events a post in two months. A fifth are shares and remixes, most of them of new battles.
INSERT INTO events (user_id, event_name, metadata, created_at)
SELECT CASE WHEN n % 4 > 0 THEN pg_temp.id('user', 1 + pg_temp.spread(n, :users)) END,
       (ARRAY['battle_shared', 'remix_completed', 'public_battle_viewed', 'public_battle_viewed',
              'public_battle_viewed', 'public_profile_viewed', 'public_profile_viewed', 'remix_started',
              'battle_created', 'daily_return'])[1 + n % 10],
       jsonb_build_object('battle_id', pg_temp.id('post', 1 + floor(10 * :users * luck * luck * luck)::bigint),
                          'source', 'copy_link'),
       now() - pg_temp.post_age(n, 50 * :users)
FROM (SELECT n, pg_temp.spread(n, 1000003) / 1000003.0::float8 AS luck FROM generate_series(1, 50 * :users) n) event;

ALTER TABLE events ENABLE TRIGGER events_count;
SELECT recount_events()
