/* Sessions of a server that breaks off, played by the test (a real one wouldn't). */
#include "sys/db/session.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"

enum { PATIENCE_MS = 10000 };

struct server {
    pthread_t thread;
    int fd, port;
    const char *answer; /* to the first that is asked */
    size_t len;
};

/* One client: logs it in, answers once, and says no more. It reads on, as the client would get a
 * reset in the place of the answer if there were something left. */
static void *serve(void *ctx)
{
    static const char logged_in[] = "R\0\0\0\10\0\0\0\0Z\0\0\0\5I"; /* AuthenticationOk, ReadyForQuery */
    const struct server *server = ctx;
    char in[4096];
    int client = accept(server->fd, NULL, NULL);
    bool ok = client >= 0 && recv(client, in, sizeof in, 0) > 0 &&
              send(client, logged_in, sizeof logged_in - 1, MSG_NOSIGNAL) == sizeof logged_in - 1 &&
              recv(client, in, sizeof in, 0) > 0 &&
              send(client, server->answer, server->len, MSG_NOSIGNAL) == (ssize_t)server->len;
    shutdown(client, SHUT_WR);
    while (ok && recv(client, in, sizeof in, 0) > 0)
        continue;
    close(client);
    return ok ? ctx : NULL;
}

static void server_start(struct server *server, const char *answer, size_t len)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *server = (struct server){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .answer = answer, .len = len};
    assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->fd, 1), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_end(struct server *server)
{
    void *served;
    pthread_join(server->thread, &served);
    close(server->fd);
    assert_ptr_equal(served, server);
}

static struct session *session_to(struct arena *arena, const struct server *server)
{
    struct err err;
    const char *url =
        arena_printf(arena, "postgres://u@127.0.0.1:%d/d?sslmode=disable&gssencmode=disable", server->port);
    struct session *session = session_open(url, PATIENCE_MS, &err);
    if (!session)
        fail_msg("%s", err.text);
    return session;
}

/* Asks two statements of a server that says `answer` and is gone; the sanitizer sees what is
 * left of the results. */
static void ask_two(struct arena *arena, const char *answer, size_t len, struct session_ask asks[static 2])
{
    struct server server;
    const struct session_ask first = {.statement = SQL_TRIAGE_PING};
    const struct session_asks all = {&first, asks, 2, clock_ns() + PATIENCE_MS * NS_PER_MS};
    server_start(&server, answer, len);
    struct session *session = session_to(arena, &server);
    session_ask_all(session, arena, &all);
    session_close(session);
    server_end(&server);
}

static void nothing_is_left_of_an_answer_that_is_none(void **state)
{
    static const char nonsense[] = "q\0\1\0\0"; /* of a length that only some messages may have */
    struct session_ask asks[2] = {{.statement = SQL_TRIAGE_PING}, {.statement = SQL_TRIAGE_PING}};
    ask_two(*state, nonsense, sizeof nonsense - 1, asks);
    for (size_t i = 0; i < COUNT(asks); i++) {
        assert_false(asks[i].ok);
        assert_non_null(strstr(asks[i].err.text, "lost synchronization with server"));
    }
}

static void what_was_answered_before_the_end_counts(void **state)
{
    /* ParseComplete, BindComplete, NoData, CommandComplete, twice; ReadyForQuery */
    static const char done[] =
        "1\0\0\0\4"
        "2\0\0\0\4n\0\0\0\4C\0\0\0\rSELECT 0\0"
        "1\0\0\0\4"
        "2\0\0\0\4n\0\0\0\4C\0\0\0\rSELECT 0\0Z\0\0\0\5I";
    struct session_ask asks[2] = {{.statement = SQL_TRIAGE_PING}, {.statement = SQL_TRIAGE_PING}};
    ask_two(*state, done, sizeof done - 1, asks);
    assert_true(asks[0].ok);
    assert_false(asks[1].ok);
    assert_non_null(strstr(asks[1].err.text, "server closed the connection"));
}

static void silence_has_no_sqlstate(void **state)
{
    static const char refused[] = "E\0\0\0\27SERROR\0C22012\0Mno\0\0Z\0\0\0\5I";
    struct server server;
    struct session_ask first = {.statement = SQL_TRIAGE_PING}, second = first;
    server_start(&server, refused, sizeof refused - 1);
    struct session *session = session_to(*state, &server);
    session_limit(session, PATIENCE_MS);
    assert_false(session_query(session, *state, &first));
    assert_text(first.err.text, "no", "a refusal");
    assert_text(session_sqlstate(session), "22012", "a refusal");
    session_limit(session, 1);
    assert_false(session_query(session, *state, &second));
    assert_text(session_sqlstate(session), "", "silence");
    session_close(session);
    server_end(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(nothing_is_left_of_an_answer_that_is_none),
        arena_test(what_was_answered_before_the_end_counts),
        arena_test(silence_has_no_sqlstate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
