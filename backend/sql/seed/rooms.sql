-- The rooms of every installation.
-- writes
-- No rows.
-- Order of the seed: rooms; then, for the demo, demo_users, demo_personas, demo_posts,
-- demo_replies, demo_social. Each may run again: a second run changes nothing.
INSERT INTO rooms (slug, name, description) VALUES
    ('go-backend', 'Go Backend',
     'APIs, concurrency, databases and the small decisions that keep a Go service boring in production.'),
    ('cybersecurity', 'Cybersecurity',
     'Threats, defences and incident stories: what really happened and what would have stopped it.'),
    ('game-dev', 'Game Dev', 'Design, engines, feel and performance: how games get made, shipped and kept alive.'),
    ('ai-builders', 'AI Builders', 'Building with models: prompts, evaluation, cost and what works outside the demo.')
ON CONFLICT (slug) DO NOTHING
