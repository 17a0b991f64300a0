-- A post's excerpt is stored with the text that it comes from, like its topic: a feed of 20 battles
-- pays 45 us to make theirs, more for longer texts.
ALTER TABLE posts ADD COLUMN excerpt text; -- null: there is none yet, so readers make it

CREATE OR REPLACE FUNCTION store_topic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.topic := battle_topic(NEW.content, NULL);
    NEW.topic_rule := topic_rule();
    NEW.excerpt := excerpt(NEW.content);
    RETURN NEW;
END
$$;
