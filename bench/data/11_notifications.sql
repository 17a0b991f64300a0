-- Five notifications a user, two of them unread. Nobody has too many of one actor, which the trigger
-- would look up for each, without its index.
ALTER TABLE notifications DISABLE TRIGGER notifications_bound;
INSERT INTO notifications (user_id, actor_user_id, type, title, body, metadata, read_at, created_at)
SELECT pg_temp.id('user', u), pg_temp.id('user', 1 + pg_temp.spread(u * 5 + k, :users)), 'persona_followed',
       'New follower', 'Somebody follows Persona ' || 2 * u, jsonb_build_object('persona_id', pg_temp.id('persona', 2 * u)),
       CASE WHEN k > 1 THEN now() END, now() - k * interval '1 hour'
FROM generate_series(1, :users) u, generate_series(0, 4) k;
ALTER TABLE notifications ENABLE TRIGGER notifications_bound;
