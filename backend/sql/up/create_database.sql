-- Once, after the private cluster was made.
CREATE DATABASE personaworlds
