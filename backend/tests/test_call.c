/* What a call waits for, and its fields by their names. */
#include "api/http/call.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/http/route.h"
#include "unit.h"

static char dropped[16]; /* one letter a thing, in the order of the drops */

static void drop_card(void *what)
{
    strcat(dropped, what);
}

static void drop_timer(void *what)
{
    strcat(dropped, what);
}

static void drop_nothing(void *what)
{
    (void)what;
}

static void an_end_drops_what_has_not_come(void **state)
{
    (void)state;
    struct call call = {0};
    dropped[0] = '\0';
    call_wait(&call, drop_card, "c");
    call_wait(&call, drop_timer, "t");
    call_got(&call, drop_card);
    call_stop_waiting(&call);
    assert_string_equal(dropped, "t");
    call_stop_waiting(&call);
    assert_string_equal(dropped, "t");
}

static void what_came_at_once_was_never_waited_for(void **state)
{
    (void)state;
    struct call call = {0};
    dropped[0] = '\0';
    call_got(&call, drop_card);
    call_wait(&call, drop_card, "c");
    call_got(&call, drop_card);
    call_wait(&call, drop_card, "d");
    call_stop_waiting(&call);
    assert_string_equal(dropped, "d");
}

/* ---- fields ---- */

static const struct field fields[] = {
    {.name = "topic", .kind = FIELD_TEXT},
    {.name = "persona_id", .kind = FIELD_UUID},
    {.kind = FIELD_END},
};
static const struct route route = {.body = fields};

/* As collected for a route with a caller and an id in its path. */
static struct call call_with_fields(void)
{
    return (struct call){
        .route = &route, .params = {"caller", "room", "tabs", "ada", "limit"}, .param_count = 5, .body_at = 2};
}

static void a_field_is_found_by_its_name(void **state)
{
    (void)state;
    struct call call = call_with_fields();
    assert_string_equal(call_field(&call, "topic"), "tabs");
    assert_string_equal(call_field(&call, "persona_id"), "ada");
    call_set_field(&call, "persona_id", NULL);
    assert_null(call_field(&call, "persona_id"));
    assert_string_equal(call.params[2], "tabs");
    assert_string_equal(call.params[4], "limit");
}

/* ---- mistakes end the process ---- */

static void ask_for_an_unknown_field(void)
{
    struct call call = call_with_fields();
    call_field(&call, "persona");
}

static void ask_for_a_field_of_no_body(void)
{
    static const struct route bare = {0};
    struct call call = {.route = &bare};
    call_field(&call, "topic");
}

static void wait_twice_for_a_kind(void)
{
    struct call call = {0};
    call_wait(&call, drop_nothing, "a");
    call_wait(&call, drop_nothing, "b");
}

static void add_too_many_parameters(void)
{
    struct call call = {.param_count = SQL_MAX_PARAMS};
    call_param(&call, "one more");
}

static void (*const mistakes[])(void) = {
    ask_for_an_unknown_field,
    ask_for_a_field_of_no_body,
    wait_twice_for_a_kind,
    add_too_many_parameters,
};

static void mistakes_abort(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            close(STDERR_FILENO);
            mistakes[i]();
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_drops_what_has_not_come),
        cmocka_unit_test(what_came_at_once_was_never_waited_for),
        cmocka_unit_test(a_field_is_found_by_its_name),
        cmocka_unit_test(mistakes_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
