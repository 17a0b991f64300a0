-- A template as one caller is answered. It takes the place of template_json, which only the release
-- before uses.
CREATE FUNCTION template_answer(t templates, caller uuid) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object('id', t.id, 'owner_user_id', t.owner_user_id, 'name', t.name,
        'prompt_rules', t.prompt_rules, 'turn_count', t.turn_count, 'word_limit', t.word_limit,
        'created_at', utc(t.created_at), 'is_public', t.is_public, 'usage_count', template_uses(t.id),
        'mine', coalesce(t.owner_user_id = caller, false)))
$$;
