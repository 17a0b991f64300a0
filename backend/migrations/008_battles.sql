-- What battles are made of and answer with. Single-expression functions, as in 006_shapes.sql. Blanks are spelled out (Unicode's White_Space),
-- as what \s and upper case mean depends on the database's locale.

-- Without control characters, every white space a blank; line ends (LF, or CR) are kept as LF.
CREATE FUNCTION plain_lines(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(translate(regexp_replace(value, '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]', '', 'g'), E'\r', E'\n'),
                          '[\u0009\u000b\u000c\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]', ' ', 'g')
$$;

-- As text_preview of base/text.c does it, but for its cut.
CREATE FUNCTION one_line(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(plain_lines(value), '[ \n]+', ' ', 'g'), ' ')
$$;

-- One line without the quotes around it, or the opening quote that lost its mate where a sentence ended; null where nothing is left.
CREATE FUNCTION unquoted(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT nullif(btrim(regexp_replace(regexp_replace(one_line(value), '^["''“”„‘’«»](.*)["''“”„‘’«»]$', '\1'), '^["“„«]([^"“”„«»]*)$', '\1'), ' '), '')
$$;

-- One line, cut at a word to at most `most` characters; a longer word is cut hard.
CREATE FUNCTION cut_at_word(line text, most int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN char_length(line) <= most THEN line ELSE coalesce(substring(left(line, most + 1) from '^(.*[^ ]) '), left(line, most)) END
$$;

-- A battle's topic (http-api.md, section 6): the first `Topic:` line that says something, else the first sentence (up to a `.`, `!`, `?` or the
-- line's end), cut at a word to 90, else the room. battle_topic of domain/battle.c is the same; a test compares them.
CREATE FUNCTION battle_topic(content text, room_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        unquoted(substring(lines from '(?n)^ *[Tt][Oo][Pp][Ii][Cc]:(.*[^ ].*)$')),
        cut_at_word(unquoted(substring(regexp_replace(lines, '(?n)^ *[Tt][Oo][Pp][Ii][Cc]:.*$', '', 'g') from '[^.!?\n]*[^.!?\n ][^.!?\n]*')), 90),
        'Battle in ' || room_name)
    FROM plain_lines(content) lines
$$;

-- What a battle is published with, at most `longest` characters. Topic and styles are single lines.
CREATE FUNCTION battle_content(t templates, topic text, pro_style text, con_style text, longest int) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT rtrim(left(concat_ws(E'\n', 'Topic: ' || topic, 'Template: ' || one_line(t.name), 'Pro style: ' || pro_style, 'Con style: ' || con_style,
        t.turn_count || ' turns of at most ' || t.word_limit || ' words: which side convinces you, and why?'), longest))
$$;

CREATE FUNCTION template_json(t templates) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('id', t.id, 'owner_user_id', t.owner_user_id, 'name', t.name, 'prompt_rules', t.prompt_rules,
        'turn_count', t.turn_count, 'word_limit', t.word_limit, 'created_at', utc(t.created_at), 'is_public', t.is_public))
$$;

-- How many replies a persona may still be asked for on this UTC day: those stored, under way and queued are taken.
CREATE FUNCTION reply_units_left(p personas) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.daily_reply_quota
         - (SELECT count(*) FROM quota_events q WHERE q.persona_id = p.id AND q.quota_type = 'reply'
              AND q.created_at >= date_trunc('day', statement_timestamp(), 'UTC') AND (q.expires_at IS NULL OR q.expires_at > statement_timestamp()))
         - (SELECT count(*) FROM jobs j WHERE j.job_type = 'generate_reply' AND j.persona_id = p.id
              AND j.status IN ('PENDING', 'PROCESSING') AND coalesce(j.post_id, j.persona_id, j.user_id) IS NOT NULL)
$$;
