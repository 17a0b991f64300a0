-- Weekly digests: whose turn it is, and the words and ranks that they are made of. Quick on tables of any size: nothing is rewritten or scanned.

-- When a user's digest is looked at next; null: nobody's turn, until the user comes back. now() is the same for all rows that are there already,
-- so it is kept once for all of them; they are due at once, and the scheduler, batch by batch, drops those that were long away.
ALTER TABLE users ADD COLUMN weekly_due_at timestamptz DEFAULT now();

-- A job written by hand may name its user in the payload alone, and no week: this one.
CREATE FUNCTION complete_weekly_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.user_id := coalesce(NEW.user_id, (SELECT id FROM users WHERE id = try_uuid(NEW.payload->>'user_id')));
    NEW.subject_date := coalesce(NEW.subject_date, this_monday());
    RETURN NEW;
END
$$;

CREATE TRIGGER jobs_complete_weekly BEFORE INSERT ON jobs FOR EACH ROW
    WHEN (NEW.job_type = 'weekly_digest' AND (NEW.user_id IS NULL OR NEW.subject_date IS NULL))
    EXECUTE FUNCTION complete_weekly_job();

-- Weeks begin on Monday, UTC.
CREATE FUNCTION this_monday() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_trunc('week', now() AT TIME ZONE 'UTC')::date
$$;

-- A battle's place among the engaged ones of `day`: its weekly score without what depends on the reader, at the day's end. At any time of the day
-- the score is higher by the same hours for every battle younger than four days then, and by none for the older ones.
CREATE FUNCTION weekly_rank(day date, posted_at timestamptz, shares bigint, remixes bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 2 * shares + 3 * remixes + greatest(0, least(96,
        96 - (extract(epoch FROM (day + 1)::timestamp) - extract(epoch FROM posted_at AT TIME ZONE 'UTC'))::double precision / 3600))
$$;

-- battle_topic of 008 with its bounds as parameters: `longest_line` of a `Topic:` line, `longest_sentence` of a first sentence.
CREATE FUNCTION battle_topic_within(content text, room_name text, longest_line int, longest_sentence int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        cut_at_word(unquoted(substring(lines from '(?n)^ *[Tt][Oo][Pp][Ii][Cc]:(.*[^ ].*)$')), longest_line),
        cut_at_word(unquoted(substring(regexp_replace(lines, '(?n)^ *[Tt][Oo][Pp][Ii][Cc]:.*$', '', 'g') from '[^.!?\n]*[^.!?\n ][^.!?\n]*')),
                    longest_sentence),
        'Battle in ' || room_name)
    FROM plain_lines(content) lines
$$;

CREATE OR REPLACE FUNCTION battle_topic(content text, room_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT battle_topic_within(content, room_name, 1000000, 90)
$$;

-- The first sentence of a text with its mark, as one line cut at a word to `most`; all of it where it has no mark, null where it says nothing.
-- A mark ends a sentence before a blank only: "3.5" is one word.
CREATE FUNCTION first_sentence(value text, most int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT cut_at_word(nullif(coalesce(substring(line from '^(.*?[^ .!?…].*?[.!?…]["''”’»)]*)(?: |$)'), line), ''), most) FROM one_line(value) line
$$;

-- What stands in for the sentence about a battle while there is no summary: the counts. Turkish has no plural after a number.
CREATE FUNCTION battle_counts(language text, replies bigint, shares bigint, remixes bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN language = 'tr' THEN 'Şimdiye dek ' || replies || ' yanıt, ' || shares || ' paylaşım ve ' || remixes || ' remiks.'
                ELSE 'So far ' || replies || CASE WHEN replies = 1 THEN ' reply, ' ELSE ' replies, ' END
                     || shares || CASE WHEN shares = 1 THEN ' share' ELSE ' shares' END
                     || ' and ' || remixes || CASE WHEN remixes = 1 THEN ' remix.' ELSE ' remixes.' END END
$$;
