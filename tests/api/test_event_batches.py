"""Events share a statement. One that the database refuses costs the others nothing."""
from support.exposition import Page
from support.people import sign_up
from support.program import Api
from support.waiting import at_once, eventually

REFUSED = "ALTER TABLE events ADD CONSTRAINT no_seven CHECK (metadata->>'feed' IS DISTINCT FROM 'seven') NOT VALID"


def test_an_event_that_is_refused_costs_no_other_one(own_database, start):
    api = start(Api, own_database.url, API_THREADS=1)
    user = sign_up(api)
    api.expect_errors("http_request")
    api.client.event_hooks = {}  # the document promises no 500

    def send(feed):
        return user.post("/events", json={"event_name": "daily_return", "metadata": {"feed": feed}}).status_code

    def let_go():
        """Once one event waits for the table, and so all others for it."""
        eventually(lambda: own_database.waiting_for_locks() > 0)
        eventually(lambda: Page(api.metrics()).value("http_requests_in_flight") >= 10)
        holder.rollback()

    own_database.execute(REFUSED)
    names = [f"{n}" for n in range(9)] + ["seven"]
    with own_database.connect() as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE events")
        _, *statuses = at_once(let_go, *[lambda name=name: send(name) for name in names])
    assert statuses == [202] * 9 + [500]
    assert {row["feed"] for row in own_database.rows("SELECT metadata->>'feed' AS feed FROM events")} >= set(names[:9])
    assert own_database.count("events", event_name="daily_return") == 9
    assert Page(api.metrics()).value("events_lost_total") == 1
    assert send("later") == 202
