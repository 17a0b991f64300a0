-- For the session: it hears what is notified on this channel, which nobody else uses.
LISTEN personaworlds_doctor
