#include "ops/shared/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static uint64_t last_shown;
static bool is_open; /* the terminal's line has no end yet */

void progress_show(const char *text)
{
    enum { EVERY_S = 10 };
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r\033[K%s", text);
        is_open = true;
    } else if (!last_shown || clock_ns() - last_shown >= EVERY_S * NS_PER_S) {
        fprintf(stderr, "%s\n", text);
        last_shown = clock_ns();
    }
    fflush(stderr);
}

void progress_end(void)
{
    if (is_open)
        fputc('\n', stderr);
    is_open = false;
    last_shown = 0;
}
