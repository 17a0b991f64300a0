"""Every part of the stack is killed or frozen once while people write: what was acknowledged is
there, once; the model is called once for each reply; and nobody waits longer than docs/SCALING.md
says. script/bench failover does the same more often, by each way to Postgres."""
import pytest

from fakes.openai import FakeProvider
from support.failover import FAULTS, commit_to, table, verdict
from support.program import CHECKOUT
from support.promises import CUT_OFF, Promises
from support.stack import Stack

pytestmark = [pytest.mark.scale, pytest.mark.long, pytest.mark.timeout(900)]

BUSY = 2  # so much longer it may take where something else has the processors
READY_AGAIN = 10  # seconds; one or two where nothing else has them


@pytest.fixture(scope="module", params=["--strict", "--fast"])
def round_of_faults(request):
    """All of them, one after the other: their rows, and what became of the promises."""
    with FakeProvider() as provider, Stack(request.param, LLM_PROVIDER="openai", OPENAI_BASE_URL=provider.url,
                                           OPENAI_API_KEY="key-of-the-tests") as stack:
        with Promises(stack) as promises:
            rows = {name: commit_to(stack, promises, fault) for name, fault in FAULTS.items()}
        nothing, summary = verdict(promises, provider, list(rows.values()))
    told = table(f"haproxy, {request.param[2:]}", rows.values(), summary)
    print(told)
    (CHECKOUT / "build" / f"failover{request.param}.md").write_text(told)
    return request.param[2:], rows, nothing, promises


def test_nothing_is_lost_doubled_or_paid_twice(round_of_faults):
    _, _, nothing, promises = round_of_faults
    assert promises.acknowledged() > 3000
    assert not any(nothing.values()), nothing


def test_every_error_is_one_that_a_client_can_work_with(round_of_faults):
    """JSON with a code; nobody is told that the server is at fault who only came at the wrong moment."""
    _, rows, _, promises = round_of_faults
    assert not promises.faults()
    assert {answer.status for answer in promises.answers if answer.status >= 400} <= {502, 503, 504}
    assert [name for name, row in rows.items() if CUT_OFF in row.failures and row.fault.words != ("kill", "api")] == []


def test_few_are_cut_off_where_an_api_is_killed(round_of_faults):
    """HAProxy closes a connection that had an answer before, where the API that has its request is gone: to HTTP the
    outcome of that request is unknown."""
    _, rows, _, promises = round_of_faults
    assert sum(row.failures.get(CUT_OFF, 0) for row in rows.values()) < promises.rate / 10


@pytest.mark.parametrize("name", FAULTS)
def test_writes_go_on_soon(round_of_faults, name):
    mode, rows, _, _ = round_of_faults
    assert rows[name].wait <= BUSY * getattr(FAULTS[name], mode), rows[name]


@pytest.mark.parametrize("name", FAULTS)
def test_both_apis_are_ready_soon_after_the_first_write(round_of_faults, name):
    _, rows, _, _ = round_of_faults
    assert rows[name].ready <= READY_AGAIN, rows[name]
