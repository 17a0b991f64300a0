#include "ops/shared/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/utf8.h"

static const char *const codes[] = {[TONE_PLAIN] = "",        [TONE_STRONG] = "\033[1m",   [TONE_FAINT] = "\033[2m",
                                    [TONE_GOOD] = "\033[32m", [TONE_WARNING] = "\033[33m", [TONE_BAD] = "\033[31m"};

bool screen_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}

void screen_clear(void)
{
    if (screen_is_terminal())
        fputs("\033[H\033[2J", stdout);
}

static bool has_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    return screen_is_terminal() && !(no_color && *no_color);
}

static void screen_begin(enum tone tone)
{
    if (has_colour())
        fputs(codes[tone], stdout);
}

static void screen_end(enum tone tone)
{
    if (has_colour() && tone != TONE_PLAIN)
        fputs("\033[0m", stdout);
    putchar('\n');
}

/* C0, DEL and, as UTF-8 has them, C1. */
static bool is_control(const char *c, size_t bytes)
{
    unsigned char first = (unsigned char)c[0];
    return first < 0x20 || first == 0x7f || (bytes == 2 && first == 0xc2 && (unsigned char)c[1] < 0xa0);
}

static void screen_put(const char *text, size_t len)
{
    for (size_t i = 0, bytes; i < len; i += bytes) {
        bytes = utf8_length_at(text + i, len - i);
        if (!bytes || is_control(text + i, bytes)) {
            putchar('?');
            bytes = MAX(bytes, 1);
        } else {
            fwrite(text + i, 1, bytes, stdout);
        }
    }
}

static size_t columns_of(const char *text)
{
    return utf8_count(text, strlen(text));
}

static void screen_pad(size_t columns)
{
    for (; columns; columns--)
        putchar(' ');
}

void screen_line(enum tone tone, const char *fmt, ...)
{
    struct arena *arena = arena_new();
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    va_end(args);
    screen_begin(tone);
    screen_put(text, (size_t)len);
    screen_end(tone);
    arena_free(arena);
}

/* The bytes of `text` that go on a line of `width` characters: up to its last blank, or all of
 * the width where there is none. */
static size_t line_length(const char *text, size_t width)
{
    size_t len = 0, last_blank = 0, left = strlen(text);
    for (size_t columns = 0; columns < width && len < left; columns++) {
        if (text[len] == ' ')
            last_blank = len;
        len += MAX(utf8_length_at(text + len, left - len), 1);
    }
    if (len == left || text[len] == ' ')
        return len;
    return last_blank ? last_blank : len;
}

void screen_text(enum tone tone, int indent, int width, const char *text)
{
    do {
        size_t len = line_length(text, (size_t)MAX(width - indent, 20));
        screen_begin(tone);
        screen_pad((size_t)indent);
        screen_put(text, len);
        screen_end(tone);
        text += len;
        text += strspn(text, " ");
    } while (*text);
}

/* ---- columns ---- */

struct grid_line {
    STAILQ_ENTRY(grid_line) link;
    enum tone tone;
    const char *cells[];
};

struct grid {
    struct arena *arena;
    int columns;
    size_t *widths;
    bool *is_right;
    STAILQ_HEAD(, grid_line) rows;
};

struct grid *grid_new(struct arena *arena, int columns)
{
    struct grid *grid = arena_alloc(arena, sizeof *grid);
    *grid = (struct grid){.arena = arena, .columns = columns};
    grid->widths = arena_alloc(arena, (size_t)columns * sizeof *grid->widths);
    grid->is_right = arena_alloc(arena, (size_t)columns * sizeof *grid->is_right);
    STAILQ_INIT(&grid->rows);
    return grid;
}

void grid_align_right(struct grid *grid, int column)
{
    grid->is_right[column] = true;
}

void grid_row(struct grid *grid, enum tone tone, const char *const *cells)
{
    struct grid_line *row = arena_alloc(grid->arena, sizeof *row + (size_t)grid->columns * sizeof *row->cells);
    row->tone = tone;
    for (int i = 0; i < grid->columns; i++) {
        row->cells[i] = cells[i] ? cells[i] : "";
        grid->widths[i] = MAX(grid->widths[i], columns_of(row->cells[i]));
    }
    STAILQ_INSERT_TAIL(&grid->rows, row, link);
}

static void print_row(const struct grid *grid, const struct grid_line *row, int indent)
{
    int last = grid->columns - 1;
    while (last > 0 && !*row->cells[last])
        last--;
    screen_begin(row->tone);
    screen_pad((size_t)indent);
    for (int i = 0; i <= last; i++) {
        size_t missing = grid->widths[i] - columns_of(row->cells[i]);
        screen_pad((i ? 2 : 0) + (grid->is_right[i] ? missing : 0));
        screen_put(row->cells[i], strlen(row->cells[i]));
        screen_pad(grid->is_right[i] || i == last ? 0 : missing);
    }
    screen_end(row->tone);
}

void grid_print(const struct grid *grid, int indent)
{
    const struct grid_line *row;
    STAILQ_FOREACH (row, &grid->rows, link)
        print_row(grid, row, indent);
}
