"""What the tests speak with: a real Postgres, the real program, and people who use it."""
