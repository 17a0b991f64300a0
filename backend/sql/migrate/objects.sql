-- Which of a migration's objects are there.
-- $1 text[] kinds   $2 text[] names   $3 text[] the tables of columns, constraints and triggers; of
--                   functions the MD5s of their bodies with commas between, '' where any will do
-- Rows: name ("column posts.excerpt"), is_there
SELECT o.kind || ' ' || CASE WHEN o.kind IN ('column', 'constraint', 'trigger') THEN o.of || '.' ELSE '' END || o.name,
       CASE o.kind
       WHEN 'index' THEN
           EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(quote_ident(o.name)) AND indisvalid)
       WHEN 'column' THEN
           EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = to_regclass(quote_ident(o.of)) AND attname = o.name AND NOT attisdropped)
       WHEN 'constraint' THEN
           EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(quote_ident(o.of)) AND conname = o.name)
       WHEN 'trigger' THEN
           EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(quote_ident(o.of)) AND tgname = o.name)
       WHEN 'type' THEN to_regtype(quote_ident(o.name)) IS NOT NULL
       WHEN 'function' THEN
           EXISTS (SELECT FROM pg_proc
                   WHERE proname = o.name AND pg_function_is_visible(oid)
                     AND (o.of = '' OR md5(prosrc) = ANY (string_to_array(o.of, ','))))
       ELSE to_regclass(quote_ident(o.name)) IS NOT NULL
       END
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS o (kind, name, of, place)
ORDER BY o.place
