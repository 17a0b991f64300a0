-- :users users. Nobody signs in: callers have tokens that are made beside the database.
INSERT INTO users (id, email, password_hash, last_active_at, created_at)
SELECT pg_temp.id('user', n), 'user-' || n || '@example.org', 'x', now(), now() - interval '90 days'
FROM generate_series(1, :users) n
