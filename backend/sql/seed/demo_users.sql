-- Two users to look around with.
-- writes
-- $1 text password hash of both
-- No rows. The first of the demo_ statements; rooms.sql says the order.
INSERT INTO users (email, password_hash) VALUES ('demo-ayse@example.com', $1::text), ('demo-ben@example.com', $1::text)
ON CONFLICT (email) DO NOTHING
