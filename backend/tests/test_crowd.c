/* Connections by client: whom it counts together, n and not n + 1, and nobody for ever. */
#include "sys/http/crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>

#include "unit.h"

static struct sockaddr_storage peer(const char *text)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in *four = (void *)&at;
    struct sockaddr_in6 *six = (void *)&at;
    at.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    void *address = at.ss_family == AF_INET ? (void *)&four->sin_addr : (void *)&six->sin6_addr;
    assert_int_equal(inet_pton(at.ss_family, text, address), 1);
    return at;
}

static bool enter(const char *text, int most)
{
    struct sockaddr_storage at = peer(text);
    bool room = crowd_has_room((void *)&at, most);
    assert_int_equal(crowd_enter((void *)&at, most), room);
    return room;
}

static void leave(const char *text)
{
    struct sockaddr_storage at = peer(text);
    crowd_leave((void *)&at);
}

static void n_and_not_one_more(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(enter("192.0.2.1", 3));
    assert_false(enter("192.0.2.1", 3));
    assert_true(enter("192.0.2.2", 3));
    leave("192.0.2.1");
    assert_true(enter("192.0.2.1", 3));
    assert_false(enter("192.0.2.1", 3));
    for (int i = 0; i < 3; i++)
        leave("192.0.2.1");
    leave("192.0.2.2");
    assert_true(enter("192.0.2.1", 1));
    leave("192.0.2.1");
}

static void who_is_one_client(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool one;
    } pairs[] = {
        {"192.0.2.1", "::ffff:192.0.2.1", true},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
        {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
        {"::1", "::2", true},
        {"::1", "0.0.0.0", false},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_true(enter(pairs[i].a, 1));
        assert_int_equal(enter(pairs[i].b, 1), !pairs[i].one);
        leave(pairs[i].a);
        if (!pairs[i].one)
            leave(pairs[i].b);
    }
}

/* Many more clients than buckets, in another order on the way out. */
static void everybody_leaves(void **state)
{
    (void)state;
    enum { CLIENTS = 20000, STEP = 7919 };
    char text[INET_ADDRSTRLEN];
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(text, sizeof text, "10.%d.%d.1", i / 256, i % 256);
        assert_true(enter(text, 1));
    }
    for (int i = 0, at = 0; i < CLIENTS; i++, at = (at + STEP) % CLIENTS) {
        snprintf(text, sizeof text, "10.%d.%d.1", at / 256, at % 256);
        assert_false(enter(text, 1));
        leave(text);
        assert_true(enter(text, 1));
        leave(text);
    }
}

static void *come_and_go(void *entered)
{
    for (int i = 0; i < 20000; i++)
        if (enter("198.51.100.1", 1000000)) {
            (*(int *)entered)++;
            leave("198.51.100.1");
        }
    return NULL;
}

static void threads_count_together(void **state)
{
    (void)state;
    pthread_t threads[4];
    int entered[COUNT(threads)] = {0};
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_create(&threads[i], NULL, come_and_go, &entered[i]);
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(entered[i], 20000);
    }
    assert_true(enter("198.51.100.1", 1));
    leave("198.51.100.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(n_and_not_one_more),
        cmocka_unit_test(who_is_one_client),
        cmocka_unit_test(everybody_leaves),
        cmocka_unit_test(threads_count_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
