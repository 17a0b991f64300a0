"""The parts of an answer see one snapshot, whatever connection they go over: what is committed
between them belongs to the next answer."""
import pytest

from support.people import new_room, sign_up
from support.program import Api
from support.waiting import at_once, eventually


@pytest.fixture(params=["a connection for reads", "one connection for all", "a pooler"])
def api(request, start, database, pooler):
    if request.param == "a pooler":
        return start(Api, pooler.url(database.name), DB_POOLER="transaction")
    return start(Api, DB_POOL_SIZE=4 if request.param == "a connection for reads" else 1, API_THREADS=1)


def answer_while_a_room_comes(database, ask):
    """The verdict reads no rooms; the list waits for whoever holds them, and then finds one more."""
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE rooms IN ACCESS EXCLUSIVE MODE")

        def add():
            eventually(lambda: database.waiting_for_locks() == 1)
            holder.execute("INSERT INTO rooms (slug, name, description) VALUES ('late', 'Came late', '')")
            holder.commit()

        return at_once(add, ask)[1]


def names(answer):
    assert answer.status_code == 200, answer.text
    return {room["name"] for room in answer.json()["rooms"]}


@pytest.mark.parametrize("was_asked_before", [True, False])
def test_the_parts_of_an_answer_see_one_snapshot(api, database, was_asked_before):
    """A statement is prepared by its first use, part by part."""
    room, user = new_room(database), sign_up(api)
    if was_asked_before:
        assert room.name in names(user.get("/rooms"))
    try:
        during = names(answer_while_a_room_comes(database, lambda: user.get("/rooms")))
        assert room.name in during and "Came late" not in during
        assert "Came late" in names(user.get("/rooms")), "the next answer sees it"
        assert user.post("/personas", json={}).status_code == 400
        user.persona()
    finally:
        database.execute("DELETE FROM rooms WHERE slug = 'late'")
