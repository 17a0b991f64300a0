"""A standby of a test's server: it streams from it, and can be promoted."""
import contextlib

import psycopg

from support.postgres import Cluster
from support.waiting import eventually


class Standby(Cluster):
    """`with Standby(primary) as standby:` a copy of the primary that follows it by streaming. Under
    its name the primary may wait for it."""

    def __init__(self, primary, name="standby", **settings):
        self.primary, self.name = primary, name
        super().__init__(standby_of=primary, cluster_name=name, **settings)

    def is_streaming(self):
        with psycopg.connect(self.primary.url()) as connection:
            return connection.execute("SELECT count(*) FROM pg_stat_replication WHERE application_name = %s "
                                      "AND state = 'streaming'", [self.name]).fetchone() == (1,)

    def start(self):
        super().start()
        eventually(self.is_streaming, within=30)

    def run(self, statement):
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def waited_for(primary, standby):
    """Commits of the primary wait for the standby."""
    with psycopg.connect(primary.url(), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby.name}'")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        with psycopg.connect(primary.url(), autocommit=True) as connection:
            connection.execute("SET synchronous_commit = 'local'")
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")
