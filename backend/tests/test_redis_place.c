#include "unit.h"

#include <stdio.h>

#include "sys/redis/place.h"
#include "sys/redis/tls.h"

static const struct {
    const char *url;
    const char *user, *password, *hosts, *database; /* hosts NULL: it can't be read */
} cases[] = {
    {"redis://cache", "", NULL, "cache:6379", ""},
    {"rediss://me:word@cache/1", "me", "word", "cache:6379", "1"},
    {"redis://cache:6380/2", "", NULL, "cache:6380", "2"},
    {"redis://[::1]:6380/", "", NULL, "::1:6380", ""},
    {"redis://:word@192.0.2.1", "", "word", "192.0.2.1:6379", ""},
    {"redis://me:PLA%25%40%2F%3A%20@cache/0", "me", "PLA%@/: ", "cache:6379", "0"},
    {"redis://me:PLA:NTED@cache", "me", "PLA:NTED", "cache:6379", ""},
    {"redis://one:1,two,[::1]:3/4", "", NULL, "one:1 two:6379 ::1:3", "4"},
    {"redis://:a,b@one,two", "", "a,b", "one:6379 two:6379", ""},
    {"redis://1,2,3,4,5,6,7,8", "", NULL, "1:6379 2:6379 3:6379 4:6379 5:6379 6:6379 7:6379 8:6379", ""},
    {.url = "redis://1,2,3,4,5,6,7,8,9"},
    {.url = "redis://one,"},
    {.url = "redis://,two"},
    {.url = "redis://one/1,two/1"},
    {.url = "redis://one,PLA%40NTED"},
    {.url = ""},
    {.url = "rediss:/cache"},
    {.url = "redisss://cache"},
    {.url = "redis://"},
    {.url = "redis://cache:0"},
    {.url = "redis://cache:65536"},
    {.url = "redis://cache:99999999999999999999"},
    {.url = "redis://cache/x"},
    {.url = "redis://[::1"},
    {.url = "redis://word@cache"},
    {.url = "redis://me:PLA@NTED@cache"},
    {.url = "redis://me:PLA@NTED%40cache"},
    {.url = "redis://me:PLA/NTED@cache"},
    {.url = "redis://me:12/NTED@cache"},
    {.url = "redis://me:PLA%NTED@cache"},
    {.url = "redis://me:PLA% 1@cache"},
    {.url = "redis://me:PLA%+1@cache"},
    {.url = "redis://me:PLA%0@cache"},
    {.url = "redis://me:PLA%00@cache"},
    {.url = "redis://PLANTED cache"},
};

static const char *hosts_of(const struct redis_place *place)
{
    static char text[256];
    size_t len = 0;
    for (int i = 0; i < place->count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s:%d", len ? " " : "", place->hosts[i].name,
                                place->hosts[i].port);
    return text;
}

static void a_place_is_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct redis_place place = {0};
        bool is_read = redis_place_read(&place, cases[i].url);
        if (is_read != (cases[i].hosts != NULL))
            fail_msg("%s is %s", cases[i].url, is_read ? "read" : "refused");
        if (is_read) {
            assert_text(place.user, cases[i].user, cases[i].url);
            assert_text(place.password ? place.password : "(none)", cases[i].password ? cases[i].password : "(none)",
                        cases[i].url);
            assert_text(hosts_of(&place), cases[i].hosts, cases[i].url);
            assert_text(place.database, cases[i].database, cases[i].url);
            assert_int_equal(place.is_tls, strncmp(cases[i].url, "rediss:", 7) == 0);
        }
        redis_place_clear(&place);
    }
}

static void tls_is_refused_in_words_of_its_own_where_it_is_not_there(void **state)
{
    (void)state;
    const char *problem = redis_place_problem("rediss://me:PLANTED@cache");
    if (redis_tls_is_there()) {
        assert_null(problem);
    } else {
        assert_non_null(strstr(problem, "TLS to Redis is not built in"));
        assert_null(strstr(problem, "PLANTED"));
    }
    assert_null(redis_place_problem("redis://cache"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_place_is_read_or_refused),
                                       cmocka_unit_test(tls_is_refused_in_words_of_its_own_where_it_is_not_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
