"""Jobs in jobs_done go with their post, persona or user, however that is deleted: there are no foreign
keys."""
import pytest

from support.jobs_done import ids, is_moved, move, moving, write
from support.people import sign_up
from support.program import Worker
from support.waiting import at_once, eventually

COLUMNS = {"posts": "post_id", "personas": "persona_id", "users": "user_id"}


@pytest.fixture(autouse=True)
def nothing_before(database):
    database.execute("DELETE FROM jobs; DELETE FROM jobs_done")


@pytest.fixture
def subjects(database):
    """Two people, each with a persona and a post: the ids of each kind."""
    row = database.row("""
        WITH people AS (INSERT INTO users (email, password_hash)
                        SELECT gen_random_uuid() || '@b.example', 'x' FROM generate_series(1, 2) RETURNING id),
             persona AS (INSERT INTO personas (user_id, name) SELECT id, 'P' FROM people RETURNING id),
             post AS (INSERT INTO posts (room_id, user_id, content)
                      SELECT (SELECT id FROM rooms LIMIT 1), id, 'x' FROM people RETURNING id)
        SELECT (SELECT array_agg(id) FROM people) AS users, (SELECT array_agg(id) FROM persona) AS personas,
               (SELECT array_agg(id) FROM post) AS posts""")
    yield row
    database.execute("DELETE FROM users WHERE id = ANY (%s)", row["users"])


@pytest.fixture
def jobs(database, subjects):
    """Those of each subject, by its kind and place; and one that is nobody's."""
    of = {(table, place): write(database, 7200, n=2, **{COLUMNS[table]: id})
          for table, ids in subjects.items() for place, id in enumerate(ids)}
    return of | {None: write(database, 7200)}


@pytest.mark.parametrize("table", COLUMNS)
def test_they_go_with_their_subject_alone(database, subjects, jobs, table):
    assert move(database)["moved"] == 13
    database.execute(f"DELETE FROM {table} WHERE id = %s", subjects[table][0])
    left = set(ids(database, "jobs_done"))
    assert not left & set(jobs[table, 0]) and left > set(jobs[table, 1] + jobs[None])


def test_users_take_along_those_of_their_personas_and_posts(database, subjects, jobs):
    move(database)
    database.execute("DELETE FROM users WHERE id = ANY (%s)", subjects["users"])
    assert is_moved(database, *jobs[None])


@pytest.mark.parametrize("table", COLUMNS)
def test_one_that_is_being_moved_goes_too(database, subjects, jobs, table):
    """Whoever deletes its subject waits for the move, which waits for nobody."""
    with database.connect() as mover:
        mover.autocommit = False
        assert moving(mover)["moved"] == 13

        def let_go():
            eventually(database.waiting_for_locks)
            mover.commit()

        at_once(let_go, lambda: database.execute(f"DELETE FROM {table} WHERE id = %s", subjects[table][0]))
    assert not set(jobs[table, 0]) & set(ids(database, "jobs_all"))


def test_two_subjects_of_the_same_jobs_can_go_at_once(database, subjects):
    post, persona = subjects["posts"][0], subjects["personas"][0]
    write(database, 7200, n=100, post_id=post, persona_id=persona)
    move(database)
    with database.connect() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM jobs_done ORDER BY id LIMIT 1 FOR UPDATE")

        def let_go():
            eventually(lambda: database.waiting_for_locks() == 2)
            holder.rollback()

        at_once(let_go, lambda: database.execute("DELETE FROM posts WHERE id = %s", post),
                lambda: database.execute("DELETE FROM personas WHERE id = %s", persona))
    assert database.count("jobs_done") == 0


def test_people_delete_a_post_and_a_persona_with_what_was_done_for_them(database, user, post):
    """With the rights of the API, which may do nothing with jobs_done itself."""
    persona = user.persona()
    write(database, 7200, post_id=post.id)
    of_persona = write(database, 7200, persona_id=persona.id)
    move(database)
    assert user.delete(f"/posts/{post.id}").status_code == 200
    assert is_moved(database, *of_persona)
    assert user.delete(f"/personas/{persona.id}").status_code == 200
    assert database.count("jobs_done") == 0


@pytest.mark.long
def test_an_account_that_is_deleted_takes_all_of_them_along(database, api, start, user, post):
    """More than a batch of an erasure has, below one post, one persona and the user."""
    stranger, persona = sign_up(api), user.persona()
    for columns in ({"post_id": post.id}, {"persona_id": persona.id}, {"user_id": user.id},
                    {"post_id": post.id, "persona_id": stranger.persona().id}):
        write(database, 7200, n=2100, **columns)
    others = write(database, 7200, user_id=stranger.id)
    while move(database)["moved"]:
        pass
    user.request("DELETE", "/me", json={"password": user.password})
    worker = start(Worker)
    eventually(lambda: database.count("users", id=user.id) == 0, within=20)
    assert is_moved(database, *others) and not worker.log.find("erasure_failed")
