-- Once, after the private cluster was made.
-- writes
CREATE DATABASE personaworlds
