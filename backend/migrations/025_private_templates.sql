-- A private template is its owner's alone, and a battle's text is everybody's: it doesn't name such
-- a template.

-- As 008_battles.sql has it, but for the line of a private template.
CREATE OR REPLACE FUNCTION battle_content(t templates, topic text, pro_style text, con_style text, longest int)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT rtrim(left(concat_ws(E'\n', 'Topic: ' || topic,
        CASE WHEN t.is_public THEN 'Template: ' || one_line(t.name) END,
        'Pro style: ' || pro_style, 'Con style: ' || con_style,
        t.turn_count || ' turns of at most ' || t.word_limit || ' words: which side convinces you, and why?'), longest))
$$;

-- The battles of before. The line is always their second one; what people wrote themselves stays.
UPDATE posts p SET content = regexp_replace(content, E'^(Topic: [^\n]*)\nTemplate: [^\n]*', E'\\1')
FROM templates t
WHERE t.id = p.template_id AND NOT t.is_public AND p.persona_id IS NULL
  AND content ~ E'^Topic: [^\n]*\nTemplate: ';
