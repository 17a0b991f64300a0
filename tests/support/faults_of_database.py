"""What can be wrong with a database, for as long as a `with` lasts."""
import psycopg


class Setting:
    """`with Setting(cluster, name, value)`: the server has this setting."""

    def __init__(self, cluster, name, value):
        self.cluster, self.name, self.value = cluster, name, value

    def _run(self, statement):
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            connection.execute(statement)
            connection.execute("SELECT pg_reload_conf()")

    def __enter__(self):
        self._run(f"ALTER SYSTEM SET {self.name} = {self.value}")

    def __exit__(self, *_):
        self._run(f"ALTER SYSTEM RESET {self.name}")


class Standby:
    """`with Standby(cluster)`: the server has become a standby, as after a failover."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.signal = cluster.data / "standby.signal"

    def __enter__(self):
        self.cluster.stop()
        self.signal.touch()
        self.cluster.start()

    def __exit__(self, *_):
        self.cluster.promote()


class FullDisk:
    """`with FullDisk(database)`: what people write gets no room."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        self.database.execute("""CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$""")
        for table in ("quota_events", "posts", "events"):
            self.database.execute(f"CREATE TRIGGER disk_is_full BEFORE INSERT ON {table} "
                                  "FOR EACH ROW EXECUTE FUNCTION disk_is_full()")

    def __exit__(self, *_):
        self.database.execute("DROP FUNCTION disk_is_full CASCADE")


class Cut:
    """`with Cut(relay)`: connections end as soon as they may write."""

    def __init__(self, relay):
        self.relay = relay

    def __enter__(self):
        self.relay.cuts_writers = True

    def __exit__(self, *_):
        self.relay.cuts_writers = False


class Statements:
    """`with Statements(database, there, back)`: this has been done, and is undone afterwards."""

    def __init__(self, database, there, back):
        self.database, self.there, self.back = database, there, back

    def __enter__(self):
        self.database.execute(self.there)

    def __exit__(self, *_):
        self.database.execute(self.back)
