-- The posts brought their counts along.
ALTER TABLE replies DISABLE TRIGGER replies_count_new;

-- Three replies a post, each a second after the one before, by three personas.
INSERT INTO replies (id, post_id, persona_id, user_id, content, created_at, updated_at)
SELECT pg_temp.id('reply', 3 * n + k), pg_temp.id('post', n), pg_temp.id('persona', persona),
       pg_temp.id('user', (persona + 1) / 2), 'Reply ' || k || ': measured, and it holds.', at, at
FROM (SELECT n, k, 1 + (n * 7 + k) % (2 * :users) AS persona,
             now() - pg_temp.post_age(n, 10 * :users) + k * interval '1 second' AS at
      FROM generate_series(1, 10 * :users) n, generate_series(1, 3) k) reply;

ALTER TABLE replies ENABLE TRIGGER replies_count_new
