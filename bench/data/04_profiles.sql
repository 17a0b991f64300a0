-- Every other persona has a public profile.
INSERT INTO persona_public_profiles (persona_id, slug, bio, created_at)
SELECT pg_temp.id('persona', n), 'persona-' || n, 'What I build and what broke.', now() - interval '70 days'
FROM generate_series(1, 2 * :users, 2) n
