-- Public profiles, follows between the two demo users, and the events of some visitors.
-- writes
-- No rows. Needs demo_replies; rooms.sql says the order.
-- Views and shares come with a new profile alone, so that a second run doesn't count them twice.
WITH profile AS (
         INSERT INTO persona_public_profiles (persona_id, slug, bio, created_at)
         SELECT p.id, d.slug, p.bio, p.created_at + interval '1 hour'
         FROM (VALUES (1, 'deniz-kaptan'), (2, 'mavi-sapka'), (3, 'pixel-ben'), (4, 'ada-evaluates')) d(persona, slug)
         JOIN personas p ON p.id = ('de300000-0000-4000-8000-00000000000' || d.persona)::uuid
         ON CONFLICT DO NOTHING
         RETURNING persona_id, slug),
     followed AS (
         INSERT INTO persona_follows (follower_user_id, followed_persona_id, created_at)
         SELECT u.id, p.id, now() - interval '2 days'
         FROM profile JOIN personas p ON p.id = profile.persona_id
         JOIN users u ON u.id <> p.user_id AND u.email IN ('demo-ayse@example.com', 'demo-ben@example.com')
         ON CONFLICT DO NOTHING
         RETURNING follower_user_id, followed_persona_id, created_at),
     notified AS (
         INSERT INTO notifications (user_id, actor_user_id, type, title, body, metadata, created_at)
         SELECT p.user_id, f.follower_user_id, 'persona_followed', 'New follower',
                left(p.name || ' has a new follower.', 260),
                jsonb_build_object('persona_id', p.id, 'slug', profile.slug, 'persona_name', p.name), f.created_at
         FROM followed f JOIN personas p ON p.id = f.followed_persona_id JOIN profile ON profile.persona_id = p.id)
INSERT INTO events (event_name, metadata, created_at)
SELECT 'public_profile_viewed', jsonb_build_object('slug', slug, 'persona_id', persona_id),
       now() - n * interval '5 hours'
FROM profile, generate_series(1, 6) n
UNION ALL
SELECT name, jsonb_build_object('battle_id', p.id, 'room_id', p.room_id, 'source', 'copy_link'),
       now() - n * interval '3 hours'
FROM posts p, (VALUES ('public_battle_viewed', 5), ('battle_shared', 2), ('remix_clicked', 1)) e(name, times),
     generate_series(1, times) n
WHERE p.id IN ('de300000-0000-4000-8000-000000000105', 'de300000-0000-4000-8000-000000000106')
  AND EXISTS (SELECT FROM profile)
