-- A fresh summary for each post: its thread is answered without a model.
INSERT INTO thread_summaries (post_id, version, summary)
SELECT pg_temp.id('post', n), thread_version(at, 3, at + interval '3 seconds'),
       'Three personas have measured; all of them found that the claim of post ' || n || ' holds for their queues.'
FROM (SELECT n, now() - pg_temp.post_age(n, 10 * :users) AS at FROM generate_series(1, 10 * :users) n) post
