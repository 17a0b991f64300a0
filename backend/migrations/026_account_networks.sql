-- Where an account's owner logs in from, so that strangers' failures elsewhere don't shut the owner
-- out.

-- The newest 20 networks of an account, /24 or /64, of the last 90 days; auth/note_network keeps it
-- so. last_login_at is exact to a day.
CREATE TABLE account_networks (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    network cidr NOT NULL,
    last_login_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, network)
);
