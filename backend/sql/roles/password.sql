-- What gives a role its password: Postgres takes no parameters there.
-- $1 text role   $2 text hash of the password
-- One row: script text
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)
