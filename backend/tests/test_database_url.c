#include "unit.h"

#include "sys/db/url.h"

#define LOGIN "in its user name or password percent-encoded"
#define FORM "must be like postgres://"
#define PORT "must have a port"
#define HOST "must have a host"
#define MODE "must have an sslmode"
#define HOSTS "must have at most 16 hosts"
#define SERVERS "must have a target_session_attrs"

static const struct {
    const char *url;
    const char *problem; /* a part of it; NULL: none */
} cases[] = {
    {"postgres://postgres:postgres@localhost:5432/personaworlds?sslmode=disable", NULL},
    {"postgresql://me@db.example.org/x", NULL},
    {"postgres://u:PLA%25NT%40ED%2F%3A%20%3F%23@db/x", NULL},
    {"postgres://u:PLA:NTED@db/x", NULL},
    {"postgres://u:p@192.0.2.1/x", NULL},
    {"postgres://u:p@[2001:db8::1]:5432/x", NULL},
    {"postgres://u:p@one,two:5433/x", NULL},
    {"postgres://u:p@db/x?hostaddr=192.0.2.1", NULL},
    {"postgres://postgres@/x?port=5432&host=%2Ftmp%2Fa%20folder", NULL},
    {"postgres:///x?host=@abstract", LOGIN},
    {"postgres:///x?host=%40abstract", NULL},
    {"postgres://", NULL},
    {"host=db user=u password='PLA@N/TED'", NULL},
    {"", "must not be empty"},
    {"postgres://u:PLA@NTED@db/x", LOGIN},
    {"postgres://u:PLA/NTED@db/x", LOGIN},
    {"postgres://u:12/NTED@db/x", LOGIN},
    {"postgres://u:PLA?NTED@db/x", LOGIN},
    {"postgres://u:PLA#NTED@db/x", LOGIN},
    {"postgres://u:PLA%NTED@db/x", FORM},
    {"postgres://u:PLANTED%@db/x", FORM},
    {"postgres://u:PLANTED%00@db/x", FORM},
    {"postgres://u:p@db/x?PLANTED", FORM},
    {"postgres://u:p@db/x?PLANTED=1", FORM},
    {"postgres://u:p@db/x?ssl_mode=PLANTED", "no parameter ssl_mode,"},
    {"postgres://u:p@db/x?sslmode=require&time_out=PLANTED", "no parameter time_out,"},
    {"postgres://u:p@db/x?a_name_of_more_than_thirty_two_letters=1", FORM},
    {"postgres://u:PLA?nted=1@db/x", LOGIN},
    {"mysql://u:PLANTED@db/x", FORM},
    {"PLANTED", FORM},
    {"host=db password=PLA NTED", FORM},
    {"postgres://u:PLANTED/x", PORT},
    {"postgres://u:p@db:PLANTED/x", PORT},
    {"postgres://u:p@db:0/x", PORT},
    {"postgres://u:p@db:65536/x", PORT},
    {"postgres://u:p@db:5432x/x", PORT},
    {"postgres://u:p@one:1,two:PLANTED/x", PORT},
    {"postgres://u:p@a:1,b:2,[2001:db8::1]:3,192.0.2.1/x?target_session_attrs=read-write", NULL},
    {"postgres://u:p@a,b/x?port=5433", NULL},
    {"postgres://u:p@a,b/x?target_session_attrs=any", NULL},
    {"postgres://u:p@a,b/x?target_session_attrs=primary", NULL},
    {"postgres://u:p@PLANTED,b/x?port=1,2,3", HOSTS},
    {"postgres://u:p@PLANTED,b/x?hostaddr=192.0.2.1", HOSTS},
    {"postgres://u:p@1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16/x", NULL},
    {"postgres://u:p@1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/x", HOSTS},
    {"postgres://u:p@a,b/x?target_session_attrs=standby", SERVERS},
    {"postgres://u:p@a,b/x?target_session_attrs=PLANTED", SERVERS},
    {"postgres://u:PLA@NTED%40db/x", HOST},
    {"postgres://u:p@NTED%20db/x", HOST},
    {"postgres://u:p@db,NTED%2Fx/x", HOST},
    {"postgres://u:p@db/x?sslmode=PLANTED", MODE},
};

static void every_url_is_judged_without_being_quoted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *problem = database_url_problem(cases[i].url), *wanted = cases[i].problem;
        if (!problem != !wanted || (problem && !strstr(problem, wanted)))
            fail_msg("%s: \"%s\", but wanted is \"%s\"", cases[i].url, problem ? problem : "no problem",
                     wanted ? wanted : "none");
        if (problem && (strstr(problem, "PLA") || strstr(problem, "NTED")))
            fail_msg("%s is quoted: %s", cases[i].url, problem);
    }
}

static void another_machine_wants_a_verified_certificate(void **state)
{
    (void)state;
    static const char *const verified[] = {
        "postgres://u:p@db/x?sslmode=verify-full",
        "postgres://u:p@db/x?sslmode=verify-ca",
        "postgres://u:p@localhost/x?sslmode=disable",
        "postgres://u:p@127.0.0.1/x",
        "postgres://u:p@127.1.2.3/x",
        "postgres://u:p@[::1]/x",
        "postgres://u@/x?host=/run/postgresql",
        "postgres:///x",
        "postgres://u@localhost,[::1]/x",
        "postgres://u@db/x?hostaddr=127.0.0.1",
        "host=localhost",
        "mysql://db/x",
    };
    static const char *const unverified[] = {
        "postgres://u:p@db/x",
        "postgres://u:p@db/x?sslmode=disable",
        "postgres://u:p@db/x?sslmode=require",
        "postgres://u:p@192.0.2.1/x",
        "postgres://u@localhost,db/x",
        "postgres://u@127.evil.example.org.x/x?sslmode=prefer",
        "postgres://u@localhost/x?hostaddr=192.0.2.1",
        "postgres://u@localhost.example.org/x",
        "host=db",
    };
    for (size_t i = 0; i < COUNT(verified); i++)
        if (database_url_is_unverified(verified[i]))
            fail_msg("%s is said to be unverified", verified[i]);
    for (size_t i = 0; i < COUNT(unverified); i++)
        if (!database_url_is_unverified(unverified[i]))
            fail_msg("%s is said to be verified", unverified[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_url_is_judged_without_being_quoted),
        cmocka_unit_test(another_machine_wants_a_verified_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
