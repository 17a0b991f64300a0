"""Mode 3: 5xx error rate spike. A table is renamed away;
a deploy has a bad setting and is rolled back."""
import itertools

import pytest

from fakes.openai import answer
from support.waiting import eventually


@pytest.fixture(scope="module")
def stack(make_stack):
    return make_stack()


def failing(stack, route, status):
    """What a client gets, what the log says of it, and what is counted."""
    return (lambda: status in stack.traffic.statuses[-60:],
            lambda: stack.api.log.find("http_request", level="error", route=route, status=status),
            stack.measured(f'sum(rate(http_requests_total{{status="{status}"}}[3s])) > 0'))


def test_a_table_is_renamed_away(stack):
    """No API is ready then, and that is the page."""
    with stack.drill("schema_damaged", page="ApiNotReady") as drill:
        stack.database.execute("ALTER TABLE notifications RENAME TO notifications_old")
        drill.seen(*failing(stack, "/notifications", 503))
        drill.remedied()  # they show what is missing, and that no migration would bring it back
        done = stack.run("psql \"$DATABASE_OWNER_URL\" -c 'ALTER TABLE notifications_old RENAME TO notifications'")
        assert done.returncode == 0, done.stderr
        eventually(lambda: stack.traffic.user.get("/notifications").status_code == 200)


def test_a_bad_setting_in_a_new_deploy_is_rolled_back(stack):
    """Requests may take a tenth of a second: too little for every second draft.
    Readiness, which needs less, doesn't tell."""
    turns = itertools.cycle([0, 0.3])
    stack.provider.default = lambda _request: answer(delay=next(turns))
    with stack.drill("errors_after_start", page="ErrorBudgetBurnFast") as drill:
        stack.deploy("backend", API_REQUEST_TIMEOUT="100ms")
        drill.seen(*failing(stack, "/rooms/{id}/posts/draft", 504), stack.api.is_ready)
        stack.api.settings.pop("API_REQUEST_TIMEOUT")  # what was changed is put back
        drill.remedied()
