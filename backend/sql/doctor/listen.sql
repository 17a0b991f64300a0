-- The session listens to this channel, which nothing else uses.
LISTEN personaworlds_doctor
