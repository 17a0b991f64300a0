#include "ops/shared/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static uint64_t last_shown;
static bool line_is_open; /* the terminal's line has no end yet */

bool progress_show_step(const char *text)
{
    if (!isatty(STDERR_FILENO))
        return false;
    fprintf(stderr, "\r\033[K%s", text);
    fflush(stderr);
    line_is_open = *text != '\0';
    return true;
}

void progress_show(const char *text)
{
    enum { EVERY_S = 10 };
    if (progress_show_step(text) || (last_shown && clock_ns() - last_shown < EVERY_S * NS_PER_S))
        return;
    fprintf(stderr, "%s\n", text);
    last_shown = clock_ns();
}

void progress_end(void)
{
    if (line_is_open)
        fputc('\n', stderr);
    line_is_open = false;
    last_shown = 0;
}
