-- Ten posts a user in all rooms; every fiftieth is a draft, every tenth was made with a template.
-- A third name a topic; of the others it is the first sentence. Each brings its topic, its excerpt,
-- the number of its replies and who came first along, as rows of a dump do: finding a million would
-- take a minute.
INSERT INTO posts (id, room_id, user_id, persona_id, authored_by, status, content, topic, topic_rule, excerpt,
                   replies_count, voices, template_id, published_at, created_at, updated_at)
SELECT pg_temp.id('post', n), rooms.ids[1 + n % cardinality(rooms.ids)],
       pg_temp.id('user', (persona + 1) / 2), pg_temp.id('persona', persona),
       CASE WHEN n % 3 = 0 THEN 'HUMAN' ELSE 'AI_DRAFT_APPROVED' END::authored_by_enum,
       CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'PUBLISHED' END::post_status_enum,
       CASE WHEN n % 3 = 0 THEN E'Topic: is queue ' || n || E' short?\n\n' ELSE '' END
           || 'Post ' || n || ' says that a queue of one is no queue. Who needs more should measure first.',
       CASE WHEN n % 3 = 0 THEN 'is queue ' || n || ' short?'
            ELSE 'Post ' || n || ' says that a queue of one is no queue' END,
       topic_rule(), CASE WHEN n % 3 = 0 THEN 'Topic: is queue ' || n || ' short? ' ELSE '' END
           || 'Post ' || n || ' says that a queue of one is no queue. Who needs more should measure first.', 3,
       (array_remove(ARRAY(SELECT pg_temp.id('persona', 1 + (n * 7 + k) % (2 * :users)) FROM generate_series(1, 3) k),
                     pg_temp.id('persona', persona)))[1:2],
       CASE WHEN n % 10 = 0 THEN pg_temp.id('template', 1 + pg_temp.spread(n, 120)) END,
       CASE WHEN n % 50 <> 0 THEN at END, at, at
FROM (SELECT n, 1 + pg_temp.spread(n, 2 * :users) AS persona, now() - pg_temp.post_age(n, 10 * :users) AS at
      FROM generate_series(1, 10 * :users) n) post,
     (SELECT array_agg(id ORDER BY slug) AS ids FROM rooms) rooms
