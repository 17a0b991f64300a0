-- Whether everybody may come across `p`, a published post: its persona's profile is public, or,
-- where it has no persona, that of one of its user's personas. Null: no. EXISTS might be planned as
-- a hash of all profiles, and a function with a subquery isn't put in place of its call.
CASE WHEN p.persona_id IS NOT NULL
     THEN (SELECT true FROM persona_public_profiles f WHERE f.persona_id = p.persona_id AND f.is_public)
     ELSE (SELECT true FROM personas a JOIN persona_public_profiles f ON f.persona_id = a.id
           WHERE a.user_id = p.user_id AND f.is_public LIMIT 1) END
