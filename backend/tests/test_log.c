/* The log's thread on a stdout that doesn't block, and on one that nobody reads. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum { LINES = 1000 };

static struct {
    int saved, read_end;
} pipes;

/* stdout is a pipe that doesn't block until stdout_back. */
static void stdout_away(void)
{
    int ends[2];
    fflush(stdout);
    pipes.saved = dup(STDOUT_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    pipes.read_end = ends[0];
}

static void stdout_back(void)
{
    assert_int_equal(dup2(pipes.saved, STDOUT_FILENO), STDOUT_FILENO);
    close(pipes.saved);
}

static void log_lines(void)
{
    for (int i = 0; i < LINES; i++)
        log_info("line", log_int("number", i));
}

static int read_lines(void)
{
    char bytes[4096];
    int lines = 0;
    for (ssize_t n; lines < LINES && (n = read(pipes.read_end, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            lines += bytes[i] == '\n';
    return lines;
}

/* The pipe holds half of the lines, so the thread finds it full; then its reader goes away. */
static void a_full_pipe_loses_no_line_and_a_closed_one_counts_them(void **state)
{
    signal(SIGPIPE, SIG_IGN);
    stdout_away();
    log_start("test");
    log_lines();
    int lines = read_lines();
    close(pipes.read_end);
    log_lines();
    log_stop();
    stdout_back();
    struct buf page = buf_new(*state);
    metrics_write(&page);
    assert_int_equal(lines, LINES);
    assert_non_null(strstr(page.text, "\nlog_lines_dropped_total 1000\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_full_pipe_loses_no_line_and_a_closed_one_counts_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
