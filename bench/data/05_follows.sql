-- Ten follows a user, where two don't fall on the same persona.
INSERT INTO persona_follows (follower_user_id, followed_persona_id, created_at)
SELECT pg_temp.id('user', u), pg_temp.id('persona', 1 + pg_temp.spread(u * 10 + k, 2 * :users)),
       now() - k * interval '3 days'
FROM generate_series(1, :users) u, generate_series(0, 9) k
ON CONFLICT DO NOTHING
