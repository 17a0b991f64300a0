-- Creates the database of a new private cluster.
-- writes
CREATE DATABASE personaworlds
