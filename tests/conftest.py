import contextlib

import pytest

from support import recorder
from support.openapi import Document
from support.people import new_room, sign_up
from support.pgbouncer import PgBouncer
from support.postgres import Cluster
from support.program import Api, Service, Worker, prepared


def pytest_collection_modifyitems(items):
    """Files with a long test come first: processes that share a run end at about the same time."""
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)


def pytest_sessionfinish(session):
    """What was answered is kept. A skipped test promises nothing: the run fails."""
    recorder.write()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        report.sections += [(f"log of {service.subcommand} on {service.port}", service.story())
                            for service in Service.alive]


@pytest.fixture(autouse=True)
def no_unexpected_errors():
    """After each test, every running service has logged no error that the test didn't announce."""
    yield
    for service in list(Service.alive):
        service.check()


@pytest.fixture(scope="session")
def cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template(cluster):
    """A migrated and seeded database, to make others from."""
    return prepared(cluster)


@pytest.fixture(scope="module")
def database(cluster, template):
    """A database for the tests of one file.
    Tests in a file share it, so each makes its own people and rooms."""
    database = cluster.create(template.name)
    yield database
    database.drop()


@pytest.fixture
def own_database(cluster, template):
    """A database for one test, where it matters what else is there.
    A file of such tests makes it their `database`, and `api` one on it."""
    database = cluster.create(template.name)
    yield database
    database.drop()


@pytest.fixture(scope="module")
def pooler(cluster):
    with PgBouncer(cluster) as pooler:
        yield pooler


@pytest.fixture(scope="module")
def api(database):
    with Api(database.url) as api:
        yield api


@pytest.fixture(scope="module")
def document(api):
    return Document(api.client.get("/openapi.json").json())


@pytest.fixture
def user(api):
    return sign_up(api)


@pytest.fixture
def other(api):
    """Somebody else."""
    return sign_up(api)


@pytest.fixture
def persona(user):
    return user.persona()


@pytest.fixture
def room(database):
    return new_room(database)


@pytest.fixture
def start(database):
    """Starts further services for one test: start(Api, OPENAI_BASE_URL=…).
    They end with it, cleanly."""
    with contextlib.ExitStack() as services:

        def start_service(kind, database_url=database.url, **settings):
            service = kind(database_url, **settings)
            services.callback(service.stop)
            return service.start()

        yield start_service


@pytest.fixture
def launch(database):
    """The same for services that aren't ready at first."""
    with contextlib.ExitStack() as services:

        def launch_service(kind, database_url=database.url, **settings):
            service = kind(database_url, **settings).launch()
            services.callback(service.stop)
            return service

        yield launch_service


@pytest.fixture
def worker(start):
    return start(Worker)
