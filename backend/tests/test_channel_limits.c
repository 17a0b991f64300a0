/* A pipelined connection that is full, that ends, or that leads to a pooler. */
#include "channel_world.h"

#include <stdlib.h>

#include "sys/db/ring.h"

/* ---- full ---- */

/* Calls end in their order although the ring goes round and is full again and again. */
static void ask_more_than_fits(enum sql one, enum sql other, int count)
{
    int turns = 0, heard = 0;
    for (int i = 0; i < count; i++)
        ask(i % 2 ? one : other, numbered(i));
    while (channel_load(channel) > 0) {
        channel_send(channel);
        turns++;
        assert_in_range(postgres_waiting(), 1, RING_SIZE);
        postgres_answer(postgres_waiting() / 2 + 1);
        for (char *end = strtok((char *)(uintptr_t)ends(), " "); end; end = strtok(NULL, " "))
            assert_int_equal(atoi(end), heard++);
    }
    assert_int_equal(heard, count);
    assert_true(turns > 2);
    assert_int_equal(postgres_waiting(), 0);
    postgres_sent();
}

static void what_does_not_fit_waits_and_all_ends_in_order(void **state)
{
    (void)state;
    ask(READ, "x");
    run_turns();
    assert_ended("x:ok");
    ask_more_than_fits(READ, READ, 2 * RING_SIZE);
    ask_more_than_fits(READ, OTHER_READ, 2 * RING_SIZE);
    ask_more_than_fits(WRITE, READ, 100);
    assert_int_equal(open_calls, 0);
}

static void few_writes_stand_behind_one_that_waits_for_a_lock(void **state)
{
    (void)state;
    for (int i = 0; i < WRITES_AHEAD + 3; i++)
        ask(WRITE, numbered(i));
    channel_send(channel);
    assert_int_equal(postgres_waiting(), 1 + 2 * WRITES_AHEAD);
    assert_int_equal(channel_load(channel), 1 + 2 * WRITES_AHEAD + 3);
    postgres_answer(3);
    channel_send(channel);
    assert_int_equal(postgres_waiting(), 2 * WRITES_AHEAD);
    run_turns();
    assert_ended("0:ok 1:ok 2:ok 3:ok 4:ok 5:ok 6:ok 7:ok 8:ok 9:ok 10:ok");
}

/* ---- a connection's end ---- */

static void what_was_sent_is_lost_and_what_was_not_is_away(void **state)
{
    (void)state;
    for (int i = 0; i < WRITES_AHEAD + 1; i++)
        ask(WRITE, numbered(i));
    channel_send(channel);
    postgres_break();
    assert_ended("0:lost 1:lost 2:lost 3:lost 4:lost 5:lost 6:lost 7:lost 8:away");
    assert_int_equal(channel_load(channel), 0);
    assert_false(channel_is_up(channel));
    postgres_up();
    postgres_sent();
    ask(WRITE, "a");
    ask(WRITE, "b"); /* those that were lost are ahead of nobody */
    run_turns();
    assert_sent("P:2 E:2:a S E:2:b S");
    assert_ended("a:ok b:ok");
}

static void answers_out_of_step_end_the_connection(void **state)
{
    (void)state;
    ask(READ, "a");
    channel_send(channel);
    postgres_answer(2);
    assert_ended("a:ok");
    postgres_answer_null(7); /* libpq ends a statement with one, and a slow one may come twice */
    assert_text(postgres_broken(), "", "seven");
    postgres_answer(1);
    assert_int_equal(channel_load(channel), 0);
    ask(READ, "b");
    channel_send(channel);
    postgres_answer(1);
    postgres_answer_null(8);
    assert_text(postgres_broken(), "the server's answers are out of step", "eight");
}

static void silence_ends_the_connection(void **state)
{
    (void)state;
    postgres_clock(5000);
    ask(READ, "a");
    ask(WRITE, "b");
    channel_send(channel);
    postgres_clock(5000 + TIMEOUT_MS + GRACE_MS);
    channel_check_progress(channel);
    assert_text(postgres_broken(), "", "in time");
    postgres_answer(1); /* the time begins anew */
    postgres_clock(5001 + TIMEOUT_MS + GRACE_MS);
    channel_check_progress(channel);
    assert_text(postgres_broken(), "", "an answer");
    postgres_clock(5001 + 2 * (TIMEOUT_MS + GRACE_MS));
    channel_check_progress(channel);
    assert_text(postgres_broken(), "timed out: no answer from the server", "silence");
    assert_int_equal(postgres_silent_since(), 5000 + TIMEOUT_MS + GRACE_MS); /* as of the last answer */
    assert_ended("a:lost b:lost");
    postgres_up();
    postgres_clock(100000);
    channel_check_progress(channel); /* nothing is awaited */
    assert_true(channel_is_up(channel));
}

static void a_silent_server_among_others_is_left_sooner(void **state)
{
    (void)state;
    postgres_has_others();
    postgres_clock(5000);
    ask(READ, "a");
    channel_send(channel);
    postgres_clock(5000 + TIMEOUT_MS + GRACE_AMONG_MS);
    channel_check_progress(channel);
    assert_text(postgres_broken(), "", "in time");
    postgres_clock(5001 + TIMEOUT_MS + GRACE_AMONG_MS);
    channel_check_progress(channel);
    assert_text(postgres_broken(), "timed out: no answer from the server", "silence");
}

/* ---- a pooler ---- */

static void a_pooler_gets_one_transaction_at_a_time(void **state)
{
    (void)state;
    ask(READ, "a");
    ask(READ, "b");
    ask(OTHER_READ, "c");
    ask(WRITE, "d");
    ask(READ, "e");
    channel_send(channel);
    assert_sent("P:- E:-:settings P:- E:-:a E:-:b P:- E:-:c S");
    postgres_answer(postgres_waiting() - 1);
    assert_ended("a:ok b:ok c:ok");
    channel_send(channel);
    assert_sent("");
    postgres_answer(1);
    postgres_forget_plans(); /* the next transaction has another server connection */
    channel_send(channel);
    assert_sent("P:- E:-:settings P:- E:-:d S");
    postgres_answer_all();
    postgres_forget_plans();
    run_turns();
    assert_sent("P:- E:-:settings P:- E:-:e S");
    assert_ended("d:ok e:ok");
}

static void reads_behind_a_pooler_see_one_snapshot(void **state)
{
    (void)state;
    ask(PARTED_READ, "a");
    ask(PARTED_READ, "b");
    run_turns();
    assert_sent("P:- E:-: P:- E:-:settings P:- E:-:a P:- E:-:a P:- E:-:b P:- E:-:b S");
    assert_ended("a:ok b:ok");
}

static void a_claim_behind_a_pooler_is_in_the_writes_transaction(void **state)
{
    (void)state;
    ask_with_claim(LOCKED_WRITE, "k", "a");
    run_turns();
    assert_sent("P:- E:-:settings P:- E:-:k P:- E:-:a P:- E:-:a S");
    assert_ended("a:ok");
}

static void a_transaction_that_cannot_begin_fails_its_first_call(void **state)
{
    (void)state;
    postgres_fail("settings", "22023", "invalid value");
    ask(READ, "a");
    ask(READ, "b");
    run_turns();
    assert_ended("a:failed b:ok");
}

/* The sanitizer sees what is left. */
static void a_channel_that_is_closed_ends_its_calls_unheard(void **state)
{
    (void)state;
    for (int i = 0; i < WRITES_AHEAD + 1; i++)
        ask(WRITE, numbered(i));
    channel_send(channel);
    postgres_answer(3 + 1); /* one has ended, the next has its rows */
    assert_ended("0:ok");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIRECT(what_does_not_fit_waits_and_all_ends_in_order),
        DIRECT(few_writes_stand_behind_one_that_waits_for_a_lock),
        DIRECT(what_was_sent_is_lost_and_what_was_not_is_away),
        DIRECT(answers_out_of_step_end_the_connection),
        DIRECT(silence_ends_the_connection),
        DIRECT(a_silent_server_among_others_is_left_sooner),
        POOLED(a_pooler_gets_one_transaction_at_a_time),
        POOLED(reads_behind_a_pooler_see_one_snapshot),
        POOLED(a_claim_behind_a_pooler_is_in_the_writes_transaction),
        POOLED(a_transaction_that_cannot_begin_fails_its_first_call),
        DIRECT(a_channel_that_is_closed_ends_its_calls_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
