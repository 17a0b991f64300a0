-- Adds entries to the journal. One that is there already isn't added again.
-- writes
-- $1 text who   $2 uuid[] entries   $3 bigint[] how long ago each was seen, ms   $4 text[] kinds
-- $5 text[] what happened
-- No rows.
-- Ages, not times: the writer's clock may be wrong.
INSERT INTO journal (who, entry, at, kind, what)
SELECT left($1::text, 200), e.entry, statement_timestamp() - e.age * interval '1 millisecond', e.kind,
       left(e.what, 2000)
FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[]) WITH ORDINALITY AS e (entry, age, kind, what, place)
ORDER BY e.place
ON CONFLICT DO NOTHING
