-- A row where the private cluster has its database already.
SELECT 1 FROM pg_database WHERE datname = 'personaworlds'
