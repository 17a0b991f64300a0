/* The order in which the servers of a URL are tried. */
#include "unit.h"

#include <stdio.h>

#include "sys/db/hosts.h"

static struct hosts *hosts;

static void read_hosts(const char *url)
{
    hosts = hosts_read(url);
    assert_non_null(hosts);
}

/* Until this server's turn in the round; `found` is what every name leads to. */
static void go_to(const char *label, const char *found)
{
    char here[HOSTS_LABEL_SIZE] = "";
    hosts_begin(hosts);
    for (enum hosts_step step; strcmp(here, label) != 0; hosts_label(hosts, here)) {
        step = hosts_next(hosts);
        assert_int_not_equal(step, HOSTS_OVER);
        if (step == HOSTS_LOOK_UP)
            hosts_found(hosts, found);
    }
}

/* A round as text: "look up name", and each server, joined by blanks. */
static const char *round_of(const char *found)
{
    static char text[1024];
    size_t len = 0;
    *text = '\0';
    hosts_begin(hosts);
    for (enum hosts_step step; (step = hosts_next(hosts)) != HOSTS_OVER;) {
        char label[HOSTS_LABEL_SIZE];
        if (step == HOSTS_LOOK_UP) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s?", len ? " " : "", hosts_name(hosts));
            if (!found)
                continue;
            hosts_found(hosts, found);
        }
        hosts_label(hosts, label);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? " " : "", label);
    }
    return text;
}

#define assert_round(found, want) assert_text(round_of(found), want, "the round")

static int free_hosts(void **state)
{
    (void)state;
    hosts_free(hosts);
    hosts = NULL;
    return 0;
}

static void only_names_are_looked_up(void **state)
{
    static const struct {
        const char *url, *round;
    } cases[] = {
        {"postgres://u@db/x", "db?"},
        {"postgres://u@localhost:5433/x", "localhost?"},
        {"host=db user=u password='a,b@c'", "db?"},
        {"postgres://u@192.0.2.1/x", "192.0.2.1:5432"},
        {"postgres://u@[2001:db8::1]:5433/x", "2001:db8::1:5433"},
        {"postgres://u@db/x?hostaddr=192.0.2.1", "192.0.2.1:5432"},
        {"postgres://u@/x?host=%2Ftmp%2Fa%20folder", "/tmp/a folder:5432"},
        {"postgres:///x?host=%40abstract", "@abstract:5432"},
        {"postgres://", "(local):5432"},
        {"postgres://u@192.0.2.1:1,db:2,%2Frun:3,:4/x", "192.0.2.1:1 db? /run:3 (local):4"},
        {"postgres://u@192.0.2.1,192.0.2.2/x?port=7", "192.0.2.1:7 192.0.2.2:7"},
        {"postgres://u@192.0.2.1:,192.0.2.2:8/x", "192.0.2.1:5432 192.0.2.2:8"},
        {"postgres://u@a,b/x?hostaddr=192.0.2.1,192.0.2.2", "192.0.2.1:5432 192.0.2.2:5432"},
    };
    for (size_t i = 0; i < COUNT(cases); i++, free_hosts(state)) {
        read_hosts(cases[i].url);
        assert_text(round_of(NULL), cases[i].round, cases[i].url);
        assert_text(round_of(NULL), cases[i].round, "the second time");
    }
}

static void lists_that_do_not_match_are_refused(void **state)
{
    (void)state;
    assert_null(hosts_read("postgres://u@a,b/x?port=1,2,3"));
    assert_null(hosts_read("postgres://u@a/x?port=1,2"));
    assert_null(hosts_read("postgres://u@a,b/x?hostaddr=192.0.2.1"));
    assert_null(hosts_read("mysql://a/x"));
}

static void the_last_good_one_comes_first(void **state)
{
    (void)state;
    read_hosts("postgres://192.0.2.1,192.0.2.2,192.0.2.3/x");
    assert_int_equal(hosts_count(hosts), 3);
    assert_round(NULL, "192.0.2.1:5432 192.0.2.2:5432 192.0.2.3:5432");
    go_to("192.0.2.2:5432", NULL);
    hosts_good(hosts);
    assert_round(NULL, "192.0.2.2:5432 192.0.2.3:5432 192.0.2.1:5432");
    hosts_good_last(hosts);
    assert_round(NULL, "192.0.2.3:5432 192.0.2.1:5432 192.0.2.2:5432");
    go_to("192.0.2.2:5432", NULL);
    hosts_good(hosts);
    assert_round(NULL, "192.0.2.2:5432 192.0.2.3:5432 192.0.2.1:5432");
}

static void each_address_of_a_name_is_tried(void **state)
{
    (void)state;
    read_hosts("postgres://u@db:7/x");
    assert_int_equal(hosts_count(hosts), 1);
    assert_round("192.0.2.1", "db? 192.0.2.1:7");
    assert_round("192.0.2.1,2001:db8::1,192.0.2.3", "db? 192.0.2.1:7 2001:db8::1:7 192.0.2.3:7");
    go_to("2001:db8::1:7", "192.0.2.1,2001:db8::1,192.0.2.3");
    assert_int_equal(hosts_count(hosts), 3);
    hosts_good(hosts);
    /* name servers give them in any order */
    assert_round("192.0.2.3,192.0.2.1,2001:db8::1", "db? 2001:db8::1:7 192.0.2.3:7 192.0.2.1:7");
    hosts_good_last(hosts);
    assert_round("192.0.2.3,192.0.2.1,2001:db8::1", "db? 192.0.2.3:7 192.0.2.1:7 2001:db8::1:7");
    assert_round("192.0.2.8,192.0.2.9", "db? 192.0.2.8:7 192.0.2.9:7");
}

static void more_addresses_than_four_are_left(void **state)
{
    (void)state;
    read_hosts("postgres://u@db/x");
    assert_round("::1,::2,::3,::4,::5", "db? ::1:5432 ::2:5432 ::3:5432 ::4:5432");
}

static void a_list_wants_a_server_that_takes_changes(void **state)
{
    static const struct {
        const char *url, *wanted;
    } cases[] = {
        {"postgres://a/x", "(null)"},
        {"postgres://a/x?target_session_attrs=primary", "primary"},
        {"postgres://a,b/x", "read-write"},
        {"postgres://a,b/x?target_session_attrs=any", "any"},
    };
    for (size_t i = 0; i < COUNT(cases); i++, free_hosts(state)) {
        read_hosts(cases[i].url);
        assert_text(hosts_wanted(hosts), cases[i].wanted, cases[i].url);
    }
}

static void one_server_is_told_what_the_url_says(void **state)
{
    (void)state;
    static const char *const over[][2] = {{"options", "-c jit=off"}, {"application_name", NULL}, {NULL, NULL}};
    read_hosts("postgres://me:word@192.0.2.1:1,db:2/x?application_name=mine&options=-cjit%3Don&sslmode=require");
    hosts_begin(hosts);
    assert_int_equal(hosts_next(hosts), HOSTS_CONNECT);
    assert_int_equal(hosts_next(hosts), HOSTS_LOOK_UP);
    hosts_found(hosts, "127.0.0.1");
    PGconn *conn = hosts_connect(hosts, over); /* nobody answers on port 2 */
    assert_text(PQhost(conn), "db", "host");
    assert_text(PQhostaddr(conn), "127.0.0.1", "hostaddr");
    assert_text(PQport(conn), "2", "port");
    assert_text(PQdb(conn), "x", "dbname");
    assert_text(PQuser(conn), "me", "user");
    assert_text(PQpass(conn), "word", "password");
    assert_text(PQoptions(conn), "-c jit=off", "options");
    PQconninfoOption *told = PQconninfo(conn);
    for (const PQconninfoOption *o = told; o->keyword; o++) {
        if (strcmp(o->keyword, "application_name") == 0)
            assert_text(o->val, "mine", o->keyword);
        if (strcmp(o->keyword, "target_session_attrs") == 0)
            assert_text(o->val, "read-write", o->keyword);
    }
    PQconninfoFree(told);
    PQfinish(conn);
}

#define TEST(fn) cmocka_unit_test_teardown(fn, free_hosts)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_names_are_looked_up),
        TEST(lists_that_do_not_match_are_refused),
        TEST(the_last_good_one_comes_first),
        TEST(each_address_of_a_name_is_tried),
        TEST(more_addresses_than_four_are_left),
        TEST(a_list_wants_a_server_that_takes_changes),
        TEST(one_server_is_told_what_the_url_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
