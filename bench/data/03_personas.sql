-- Two personas a user, with voices as long as real ones.
INSERT INTO personas (id, user_id, name, bio, tone, writing_samples, do_not_say, catchphrases, preferred_language,
                      formality, created_at)
SELECT pg_temp.id('persona', n), pg_temp.id('user', (n + 1) / 2), 'Persona ' || n,
       'Builds small things, measures them and writes down what broke. Number ' || n || ' of many.',
       CASE n % 3 WHEN 0 THEN 'warm' WHEN 1 THEN 'dry' ELSE 'precise' END,
       '["First I measure, then I talk about it.", "A log that nobody reads is no log.", "Cut it and see."]',
       '["synergy"]', '["Show me the numbers."]', CASE n % 2 WHEN 0 THEN 'en' ELSE 'tr' END, n % 4,
       now() - interval '80 days'
FROM generate_series(1, 2 * :users) n
