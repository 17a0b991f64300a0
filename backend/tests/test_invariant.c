#include "unit.h"

#include <signal.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

TAILQ_HEAD(list, item);

struct item {
    TAILQ_ENTRY(item) link;
};

static volatile int two = 2; /* volatile: the compiler would see that the condition is false */

static void break_a_condition(void)
{
    INVARIANT(two == 3);
}

static void remove_twice(void)
{
    struct list list = TAILQ_HEAD_INITIALIZER(list);
    struct item items[3];
    for (size_t i = 0; i < COUNT(items); i++)
        TAILQ_INSERT_TAIL(&list, &items[i], link);
    for (int i = 0; i < two; i++) {
        INVARIANT_LINKED(&items[1], link);
        TAILQ_REMOVE(&list, &items[1], link);
    }
}

/* Runs the mistake in a process of its own; gives the process's status and what it wrote on
 * stderr. */
static int end_of(void (*mistake)(void), char words[static 512])
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        mistake();
        _exit(0);
    }
    close(ends[1]);
    ssize_t len = read(ends[0], words, 511);
    close(ends[0]);
    words[MAX(len, 0)] = '\0';
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_broken_invariant_aborts_and_says_where(void **state)
{
    (void)state;
    char words[512];
    int status = end_of(break_a_condition, words);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, "invariant_broken"));
    assert_non_null(strstr(words, "test_invariant.c:"));
    assert_non_null(strstr(words, "two == 3"));
}

static void an_element_removed_twice_is_found(void **state)
{
    (void)state;
    char words[512];
    assert_true(WIFSIGNALED(end_of(remove_twice, words)));
    assert_non_null(strstr(words, "tqe_prev"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_invariant_aborts_and_says_where),
        cmocka_unit_test(an_element_removed_twice_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
