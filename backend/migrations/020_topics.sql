-- What is derived from a text is stored with it: a battle's topic, a template's preview. Writers
-- pay for it once, readers never. Rows that are written by hand get theirs, too.

-- The number of the rule by which battle_topic finds a topic. A migration that changes the rule
-- raises the number: topics of older rules are made again (posts/store_topics), and are not read.
CREATE FUNCTION topic_rule() RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1::smallint $$;

ALTER TABLE posts
    ADD COLUMN topic text, -- null: the content has none, and the room's name stands in
    ADD COLUMN topic_rule smallint; -- the rule of `topic`; null: there is no topic yet

-- A battle's topic, from the row where it is stored.
CREATE FUNCTION topic_of(p posts, room_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p.topic_rule = topic_rule() THEN coalesce(p.topic, 'Battle in ' || room_name)
                ELSE battle_topic(p.content, room_name) END
$$;

CREATE FUNCTION store_topic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.topic := battle_topic(NEW.content, NULL);
    NEW.topic_rule := topic_rule();
    RETURN NEW;
END
$$;

-- A row that brings the topic of the present rule along was stored before: a copy of the table.
CREATE TRIGGER posts_store_topic BEFORE INSERT ON posts FOR EACH ROW
    WHEN (NEW.topic_rule IS DISTINCT FROM topic_rule()) EXECUTE FUNCTION store_topic();
CREATE TRIGGER posts_store_changed_topic BEFORE UPDATE OF content ON posts FOR EACH ROW
    WHEN (NEW.content <> OLD.content) EXECUTE FUNCTION store_topic();

-- There are few templates: those that exist get their previews here.
ALTER TABLE templates ADD COLUMN rules_preview text;

CREATE FUNCTION store_rules_preview() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rules_preview := preview(NEW.prompt_rules);
    RETURN NEW;
END
$$;

CREATE TRIGGER templates_store_preview BEFORE INSERT OR UPDATE OF prompt_rules ON templates FOR EACH ROW
    EXECUTE FUNCTION store_rules_preview();
UPDATE templates SET rules_preview = preview(prompt_rules);
ALTER TABLE templates ALTER COLUMN rules_preview SET NOT NULL;
