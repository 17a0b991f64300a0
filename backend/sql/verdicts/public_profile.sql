-- Whether there is such a public profile, for a caller who exists or for a visitor.
-- $1 uuid caller or null   $2 text slug
-- 401 invalid token | 404 public profile not found

-- verdict
SELECT CASE WHEN f.slug IS NULL AND (u.id IS NOT NULL OR $1::uuid IS NULL) THEN 404 ELSE 401 END,
       CASE WHEN f.slug IS NULL AND (u.id IS NOT NULL OR $1::uuid IS NULL) THEN 'public profile not found'
            ELSE 'invalid token' END
FROM (VALUES (1)) one
LEFT JOIN users u ON u.id = $1::uuid
LEFT JOIN persona_public_profiles f ON f.slug = $2::text AND f.is_public
WHERE f.slug IS NULL OR (u.id IS NULL AND $1::uuid IS NOT NULL)
