/* What a pipelined connection sends, and whose an answer is. */
#include "channel_world.h"

static void reads_share_a_sync_and_a_write_has_its_own(void **state)
{
    (void)state;
    ask(READ, "a");
    ask(READ, "b");
    ask(WRITE, "c");
    ask(OTHER_READ, "d");
    ask(LOCKED_WRITE, "e");
    channel_send(channel);
    assert_sent("P:1 E:1:a E:1:b S P:2 E:2:c S P:3 E:3:d S P:4 E:4:e P:5 E:5:e S");
    postgres_answer_all();
    assert_ended("a:ok b:ok c:ok d:ok e:ok");
    ask(READ, "f");
    run_turns();
    assert_sent("E:1:f S");
    assert_ended("f:ok");
    assert_int_equal(open_calls, 0);
}

static void a_read_ends_with_its_answer_and_a_write_with_its_commit(void **state)
{
    (void)state;
    ask(READ, "a");
    ask(WRITE, "b");
    channel_send(channel);
    postgres_answer(2); /* prepared, executed */
    assert_ended("a:ok");
    assert_int_equal(postgres_proofs(), 0);
    postgres_answer(3); /* its sync, and b's preparation and execution */
    assert_ended("");
    assert_int_equal(postgres_proofs(), 1);
    postgres_answer(1);
    assert_ended("b:ok");
}

static void a_failed_read_takes_no_neighbour_with_it(void **state)
{
    (void)state;
    postgres_fail("b", "22012", "division by zero");
    ask(READ, "a");
    ask(READ, "b");
    ask(READ, "c");
    ask(READ, "d");
    channel_send(channel);
    postgres_answer_all();
    assert_ended("a:ok b:failed");
    assert_sent("P:1 E:1:a E:1:b E:1:c E:1:d S");
    run_turns();
    assert_sent("E:1:c S E:1:d S"); /* each alone: nobody's error ends them again */
    assert_ended("c:ok d:ok");
}

static void a_skipped_preparation_is_made_again(void **state)
{
    (void)state;
    postgres_fail("a", "22012", "division by zero");
    ask(READ, "a");
    ask(OTHER_READ, "b");
    run_turns();
    assert_sent("P:1 E:1:a P:2 E:2:b S P:3 E:3:b S");
    assert_ended("a:failed b:ok");
}

/* The preparation of d's statement is skipped, too, but d was sent before anybody knew. */
static void a_call_behind_a_skipped_preparation_is_sent_again(void **state)
{
    (void)state;
    postgres_fail("a", "22012", "division by zero");
    ask(READ, "a");
    ask(OTHER_READ, "b");
    ask(WRITE, "c");
    ask(OTHER_READ, "d");
    channel_send(channel);
    assert_sent("P:1 E:1:a P:2 E:2:b S P:3 E:3:c S E:2:d S");
    postgres_answer_all();
    assert_ended("a:failed c:ok");
    run_turns();
    assert_sent("P:4 E:4:b S E:4:d S");
    assert_ended("b:ok d:ok");
}

static void a_stale_plan_is_made_again_once(void **state)
{
    (void)state;
    static const char stale[] = "cached plan must not change result type";
    ask(READ, "a");
    run_turns();
    postgres_sent();
    postgres_fail("b", "0A000", stale);
    ask(READ, "b");
    run_turns();
    assert_sent("E:1:b S P:2 E:2:b S");
    postgres_fail("c", "0A000", stale);
    postgres_fail("c", "0A000", stale);
    ask(READ, "c");
    run_turns();
    assert_sent("E:2:c S P:3 E:3:c S");
    postgres_fail("d", "0A000", "cannot insert into a view");
    ask(READ, "d");
    run_turns();
    assert_ended("a:ok b:ok c:failed d:failed");
}

static void a_write_with_a_stale_plan_is_sent_again_with_its_lock(void **state)
{
    (void)state;
    ask(LOCKED_WRITE, "a");
    run_turns();
    postgres_sent();
    postgres_forget_plans();
    ask(LOCKED_WRITE, "b");
    run_turns();
    assert_sent("E:1:b E:2:b S P:3 E:3:b P:4 E:4:b S");
    assert_ended("a:ok b:ok");
}

static void the_parts_of_a_read_go_together(void **state)
{
    (void)state;
    ask(READ, "a");
    ask(PARTED_READ, "b");
    ask(READ, "c");
    channel_send(channel);
    assert_sent("P:1 E:1:a P:2 E:2:b P:3 E:3:b E:1:c S");
    postgres_answer(5); /* but for b's second part */
    assert_ended("a:ok");
    postgres_answer_all();
    assert_ended("b:ok c:ok");
}

static void a_read_of_parts_fails_with_any_of_them(void **state)
{
    (void)state;
    postgres_fail("b", "22012", "division by zero"); /* the first part; the second is skipped */
    ask(PARTED_READ, "b");
    ask(READ, "c");
    run_turns();
    assert_ended("b:failed c:ok");
    postgres_fail("d", "22012", "division by zero");
    ask(READ, "d");
    ask(PARTED_READ, "e"); /* both parts are skipped for a neighbour's error */
    run_turns();
    assert_ended("d:failed e:ok");
    assert_int_equal(open_calls, 0);
}

static void a_stale_part_is_made_again_with_the_others(void **state)
{
    (void)state;
    ask(PARTED_READ, "a");
    run_turns();
    postgres_sent();
    postgres_forget_plans();
    ask(PARTED_READ, "b");
    run_turns();
    assert_sent("E:1:b E:2:b S P:3 E:3:b P:4 E:4:b S");
    assert_ended("a:ok b:ok");
}

/* c's second part must not see what was committed since its first: the transaction is told so,
 * before any query of it. */
static void a_transaction_with_parts_sees_one_snapshot(void **state)
{
    (void)state;
    ask(READ, "a");
    ask(WRITE, "b");
    ask(READ, "c");
    ask(PARTED_READ, "d");
    ask(WRITE, "e");
    run_turns();
    assert_sent("P:1 E:1:a S P:2 E:2:b S P:3 E:3: E:1:c P:4 E:4:d P:5 E:5:d S E:2:e S");
    ask(PARTED_READ, "f");
    ask(PARTED_READ, "g");
    run_turns();
    assert_sent("E:3: E:4:f E:5:f E:4:g E:5:g S");
    assert_ended("a:ok b:ok c:ok d:ok e:ok f:ok g:ok");
}

static void a_read_alone_sees_one_snapshot_for_itself(void **state)
{
    (void)state;
    postgres_fail("a", "22012", "division by zero");
    ask(READ, "a");
    ask(PARTED_READ, "b");
    ask(READ, "c");
    run_turns();
    assert_sent("P:1 E:1: P:2 E:2:a P:3 E:3:b P:4 E:4:b E:2:c S E:1: P:5 E:5:b P:6 E:6:b S E:2:c S");
    assert_ended("a:failed b:ok c:ok");
}

static void a_lost_plan_of_the_snapshot_is_made_again(void **state)
{
    (void)state;
    ask(PARTED_READ, "a");
    run_turns();
    postgres_sent();
    postgres_forget_plans();
    ask(PARTED_READ, "b");
    run_turns();
    assert_sent("E:1: E:2:b E:3:b S P:4 E:4: P:5 E:5:b P:6 E:6:b S");
    assert_ended("a:ok b:ok");
}

static void a_lock_that_fails_fails_its_write(void **state)
{
    (void)state;
    postgres_fail("a", "23503", "no such row");
    ask(LOCKED_WRITE, "a");
    ask(WRITE, "b");
    run_turns();
    assert_ended("a:failed b:ok");
    ask(LOCKED_WRITE, "c"); /* its statement's preparation was skipped */
    run_turns();
    assert_ended("c:ok");
}

static void a_claim_goes_before_a_write_and_its_lock(void **state)
{
    (void)state;
    ask_with_claim(LOCKED_WRITE, "k", "a");
    ask_with_claim(WRITE, "l", "b");
    run_turns();
    assert_sent("P:1 E:1:k P:2 E:2:a P:3 E:3:a S E:1:l P:4 E:4:b S");
    assert_ended("a:ok b:ok");
    postgres_forget_plans();
    ask_with_claim(LOCKED_WRITE, "k", "c");
    run_turns();
    assert_sent("E:1:k E:2:c E:3:c S P:5 E:5:k P:6 E:6:c P:7 E:7:c S");
    assert_ended("c:ok");
}

static void a_claim_that_is_refused_refuses_its_write_alone(void **state)
{
    (void)state;
    postgres_fail("k", "PWKEY", "taken");
    ask_with_claim(LOCKED_WRITE, "k", "a");
    ask(WRITE, "b");
    run_turns();
    assert_ended("a:refused b:ok");
    ask_with_claim(LOCKED_WRITE, "k", "c"); /* its statement's preparation was skipped */
    run_turns();
    assert_ended("c:ok");
}

static void a_commit_that_fails_is_the_writes_failure(void **state)
{
    (void)state;
    ask(WRITE, "a");
    ask(READ, "b");
    postgres_fail("sync", "23503", "deferred constraint");
    run_turns();
    assert_ended("a:failed b:ok");
    ask(READ, "c");
    postgres_fail("sync", "23503", "deferred constraint");
    run_turns();
    assert_ended("c:ok"); /* a read has ended before */
}

static void what_postgres_says_is_an_outcome(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"57014", "a:timed out"}, {"55P03", "a:timed out"}, {"57P01", "a:lost"},
                                           {"08006", "a:lost"},      {"23505", "a:failed"},    {"53300", "a:failed"},
                                           {"PWKEY", "a:refused"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        postgres_fail("a", cases[i][0], "");
        ask(i % 2 ? WRITE : READ, "a");
        run_turns();
        assert_text(ends(), cases[i][1], cases[i][0]);
        bool is_lost = strcmp(cases[i][1], "a:lost") == 0; /* the server ends the connection, too */
        assert_int_equal(channel_is_up(channel), !is_lost);
        if (is_lost)
            postgres_up();
    }
}

/* What was sent behind it may or may not have been done. */
static void a_write_on_a_read_only_database_ends_the_connection(void **state)
{
    (void)state;
    postgres_fail("a", "25006", "");
    ask(WRITE, "a");
    ask(WRITE, "b");
    run_turns();
    assert_ended("a:failed b:lost");
    assert_false(channel_is_up(channel));
    postgres_up();
    ask(READ, "c");
    run_turns();
    assert_ended("c:ok");
    channel_renew(channel);
    assert_false(channel_is_up(channel));
}

/* The warning comes behind the statement's own success, before the end of its commit. */
static void a_commit_that_no_standby_confirmed_is_not_known(void **state)
{
    static const struct {
        const char *severity, *sqlstate, *ends;
    } cases[] = {
        {"WARNING", "01000", "a:ok b:lost c:ok"},
        {"NOTICE", "01000", "a:ok b:ok c:ok"},
        {"WARNING", "01P01", "a:ok b:ok c:ok"},
        {NULL, NULL, "a:ok b:ok c:ok"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ask(WRITE, "a");
        run_turns();
        ask(WRITE, "b");
        ask(WRITE, "c");
        channel_send(channel);
        postgres_answer(1); /* b's execution */
        postgres_warn(cases[i].severity, cases[i].sqlstate);
        postgres_answer_all();
        assert_ended(cases[i].ends);
        assert_text(postgres_broken(), "", "the connection works");
    }
    ask(READ, "d");
    channel_send(channel);
    postgres_warn("WARNING", "01000"); /* changes nothing */
    postgres_answer_but_null(2);       /* prepared and executed: the call has ended */
    assert_ended("d:ok");
    postgres_warn("WARNING", "01000");
    postgres_answer_null(1);
    postgres_answer_all();
    postgres_warn("WARNING", "01000"); /* nothing is awaited */
}

static void a_dropped_call_is_not_sent_or_ends_unheard(void **state)
{
    (void)state;
    drop(ask(READ, "a"));
    ask(READ, "b");
    drop(ask(READ, "c"));
    struct db_call *sent = ask(WRITE, "d");
    ask(READ, "e");
    channel_send(channel);
    assert_sent("P:1 E:1:b S P:2 E:2:d S E:1:e S");
    drop(sent);
    postgres_answer_all();
    assert_ended("b:ok e:ok");
    assert_int_equal(open_calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIRECT(reads_share_a_sync_and_a_write_has_its_own),
        DIRECT(a_read_ends_with_its_answer_and_a_write_with_its_commit),
        DIRECT(a_failed_read_takes_no_neighbour_with_it),
        DIRECT(a_skipped_preparation_is_made_again),
        DIRECT(a_call_behind_a_skipped_preparation_is_sent_again),
        DIRECT(a_stale_plan_is_made_again_once),
        DIRECT(a_write_with_a_stale_plan_is_sent_again_with_its_lock),
        READS(the_parts_of_a_read_go_together),
        READS(a_read_of_parts_fails_with_any_of_them),
        READS(a_stale_part_is_made_again_with_the_others),
        DIRECT(a_transaction_with_parts_sees_one_snapshot),
        DIRECT(a_read_alone_sees_one_snapshot_for_itself),
        DIRECT(a_lost_plan_of_the_snapshot_is_made_again),
        DIRECT(a_lock_that_fails_fails_its_write),
        DIRECT(a_claim_goes_before_a_write_and_its_lock),
        DIRECT(a_claim_that_is_refused_refuses_its_write_alone),
        DIRECT(a_commit_that_fails_is_the_writes_failure),
        DIRECT(what_postgres_says_is_an_outcome),
        DIRECT(a_write_on_a_read_only_database_ends_the_connection),
        DIRECT(a_commit_that_no_standby_confirmed_is_not_known),
        DIRECT(a_dropped_call_is_not_sent_or_ends_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
