#include "ops/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char *style(enum tone tone)
{
    static const char *const codes[] = {[TONE_PLAIN] = "", [TONE_HEADER] = "\033[1m", [TONE_NOTICE] = "\033[33m", [TONE_ALARM] = "\033[31m"};
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) ? codes[tone] : "";
}

/* Letters of any script count as one column each. */
static size_t width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void print_line(int columns, const char *const *cells, const size_t *widths, enum tone tone)
{
    const char *code = style(tone);
    fputs(code, stdout);
    for (int i = 0; i < columns; i++) {
        fputs(cells[i], stdout);
        if (i < columns - 1)
            printf("%*s", (int)(widths[i] - width(cells[i]) + 2), "");
    }
    puts(*code ? "\033[0m" : "");
}

void columns_print(int columns, const char *const *header, const struct line *lines, int count)
{
    size_t widths[COLUMNS_MAX];
    for (int i = 0; i < columns; i++) {
        widths[i] = width(header[i]);
        for (int n = 0; n < count; n++)
            widths[i] = MAX(widths[i], width(lines[n].cells[i]));
    }
    print_line(columns, header, widths, TONE_HEADER);
    for (int n = 0; n < count; n++)
        print_line(columns, lines[n].cells, widths, lines[n].tone);
}

static const char *write_seconds(struct arena *arena, long long s)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 24 * HOUR };
    if (s >= DAY)
        return arena_printf(arena, "%lldd%02lldh", s / DAY, s % DAY / HOUR);
    if (s >= HOUR)
        return arena_printf(arena, "%lldh%02lldm", s / HOUR, s % HOUR / MINUTE);
    return s >= MINUTE ? arena_printf(arena, "%lldm%02llds", s / MINUTE, s % MINUTE) : arena_printf(arena, "%llds", s);
}

const char *columns_seconds(struct arena *arena, const char *seconds, const char *otherwise)
{
    return seconds ? write_seconds(arena, strtoll(seconds, NULL, 10)) : otherwise;
}

const char *columns_time_left(struct arena *arena, const char *ms, const char *otherwise)
{
    return ms ? write_seconds(arena, (strtoll(ms, NULL, 10) + 999) / 1000) : otherwise;
}

/* ---- progress ---- */

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
