-- Locks a post's persona before the post itself: the persona's deletion locks in this order, too.
-- writes
-- $1 uuid caller   $2 uuid post
-- Locks the persona row, but not against foreign keys that point at it.
SELECT p.id FROM personas p
WHERE p.id = (SELECT persona_id FROM posts WHERE id = $2::uuid AND user_id = $1::uuid) FOR NO KEY UPDATE
