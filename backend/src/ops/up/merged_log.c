#include "ops/up/merged_log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define RESET "\033[0m"
#define DIM "\033[2m"

struct colour {
    const char *name, *code;
};

static const struct colour service_colours[] = {{"api", "\033[36m"}, {"worker", "\033[35m"}, {NULL, "\033[34m"}};
static const struct colour level_colours[] = {
    {"error", "\033[1;31m"}, {"warn", "\033[33m"}, {"info", "\033[32m"}, {NULL, DIM}};

static const char *colour_of(const struct colour *colours, const char *name)
{
    while (colours->name && strcmp(colours->name, name) != 0)
        colours++;
    return colours->code;
}

bool log_is_for_people(void)
{
    return isatty(STDOUT_FILENO);
}

/* ---- writing ---- */

static size_t dropped;
static bool reader_is_slow;

size_t merged_log_dropped(void)
{
    return dropped;
}

/* A pipe that is ready takes PIPE_BUF bytes without blocking, so longer lines go in pieces. A
 * reader gets 200 ms once; then it is slow until it has room again. */
static void print_text(const char *text, size_t len)
{
    enum { PIECE = 4096, PATIENCE_MS = 200 };
    while (len > 0) {
        struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
        bool has_room = poll(&out, 1, reader_is_slow ? 0 : PATIENCE_MS) == 1 && (out.revents & POLLOUT);
        ssize_t written = has_room ? write(STDOUT_FILENO, text, MIN(len, PIECE)) : -1;
        reader_is_slow = written <= 0;
        if (reader_is_slow) {
            dropped++;
            return;
        }
        text += written;
        len -= (size_t)written;
    }
}

/* ---- the file ---- */

enum { KEPT_MAX = 8 << 20 };

static struct {
    char path[PATH_MAX];
    int fd;
    off_t size;
} kept = {.fd = -1};

static bool open_kept(struct err *err)
{
    struct stat info = {0};
    kept.fd = open(kept.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (kept.fd < 0 || fstat(kept.fd, &info) != 0)
        return fail(err, "while opening %s: %s", kept.path, strerror(errno));
    kept.size = info.st_size;
    return true;
}

bool merged_log_keep(const char *path, struct err *err)
{
    return snprintf(kept.path, sizeof kept.path, "%s", path) < (int)sizeof kept.path
               ? open_kept(err)
               : fail(err, "while opening %s: the path is too long", path);
}

static void begin_anew(void)
{
    char former[PATH_MAX + 2];
    struct err ignored;
    snprintf(former, sizeof former, "%s.1", kept.path);
    close(kept.fd);
    kept.fd = -1;
    if (rename(kept.path, former) == 0)
        (void)!open_kept(&ignored);
}

/* A log that can't be written must not stop the services. */
static void keep_line(const char *text, size_t len)
{
    bool is_json = len > 2 && text[0] == '{' && text[len - 2] == '}' && text[len - 1] == '\n';
    if (kept.fd < 0 || !is_json)
        return;
    if (kept.size + (off_t)len > KEPT_MAX)
        begin_anew();
    ssize_t written = write(kept.fd, text, len);
    kept.size += MAX(0, written);
}

/* ---- one line ---- */

static const char *log_text_of(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

static bool is_one_word(const char *text)
{
    while (*text > ' ' && *text < 0x7F && *text != '"' && *text != '\\')
        text++;
    return *text == '\0';
}

static void add_value(struct buf *out, const json_t *value)
{
    const char *text = json_string_value(value);
    if (text && is_one_word(text))
        buf_str(out, text);
    else if (text)
        buf_json(out, text); /* escapes what a terminal would obey */
    else if (json_is_integer(value))
        buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(out, "%g", json_real_value(value));
    else
        buf_str(out, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
}

static bool is_in_front(const char *key)
{
    static const char *const in_front[] = {"ts", "service", "level", "msg"};
    for (size_t i = 0; i < COUNT(in_front); i++)
        if (strcmp(key, in_front[i]) == 0)
            return true;
    return false;
}

/* "20:15:00.123 api    info  http_request route=/rooms status=200" */
static void add_coloured(struct buf *out, json_t *line, const char *service)
{
    const char *ts = log_text_of(line, "ts"), *level = log_text_of(line, "level"), *key;
    json_t *value;
    buf_printf(out, DIM "%.12s" RESET " %s%-6s" RESET " %s%-5s" RESET " %s", strlen(ts) > 11 ? ts + 11 : ts,
               colour_of(service_colours, service), service, colour_of(level_colours, level), level,
               log_text_of(line, "msg"));
    json_object_foreach (line, key, value) {
        if (is_in_front(key))
            continue;
        buf_printf(out, " " DIM "%s=" RESET, key);
        add_value(out, value);
    }
    buf_str(out, "\n");
}

static void note_error(struct log_source *source, const json_t *line)
{
    if (strcmp(log_text_of(line, "level"), "error") != 0)
        return;
    snprintf(source->last_error, sizeof source->last_error, "%s: %s", log_text_of(line, "msg"),
             log_text_of(line, "error"));
    for (char *c = source->last_error; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = ' ';
}

/* `text` ends with its newline. What isn't JSON (a sanitizer's report) is shown as it is. */
static void show_line(struct log_source *source, const char *text, size_t len)
{
    bool for_people = log_is_for_people();
    keep_line(text, len);
    bool may_be_error = memmem(text, len, "\"error\"", 7) != NULL;
    json_t *line = for_people || may_be_error ? json_loadb(text, len, 0, NULL) : NULL;
    if (line)
        note_error(source, line);
    if (line && for_people) {
        struct arena *arena = arena_new();
        struct buf out = buf_new(arena);
        add_coloured(&out, line, source->name);
        print_text(out.text, out.len);
        arena_free(arena);
    } else {
        print_text(text, len);
    }
    json_decref(line);
}

void merged_log_say(const char *level, const char *msg, const char *fields)
{
    static struct log_source own = {.name = "up", .fd = -1};
    char now[RFC3339_SIZE];
    struct arena *arena = arena_new();
    rfc3339_from_us(now, clock_unix_us());
    const char *line = arena_printf(arena, "{\"ts\":\"%s\",\"level\":\"%s\",\"msg\":\"%s\",\"service\":\"up\"%s}\n",
                                    now, level, msg, fields);
    show_line(&own, line, strlen(line));
    arena_free(arena);
}

/* ---- a source ---- */

static void show_whole_lines(struct log_source *source)
{
    char *start = source->lines, *end = source->lines + source->used, *newline;
    while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
        show_line(source, start, (size_t)(newline + 1 - start));
        start = newline + 1;
    }
    source->used = (size_t)(end - start);
    if (source->used == sizeof source->lines) {
        print_text(source->lines, source->used);
        source->used = 0;
    }
    memmove(source->lines, start, source->used);
}

void log_source_read(struct log_source *source)
{
    enum { READS_AT_ONCE = 16 }; /* then somebody else's turn */
    ssize_t got = 1;
    for (int i = 0; i < READS_AT_ONCE && source->fd >= 0 && got > 0; i++) {
        got = read(source->fd, source->lines + source->used, sizeof source->lines - source->used);
        if (got > 0) {
            source->used += (size_t)got;
            show_whole_lines(source);
        }
    }
    if (got == 0)
        log_source_close(source);
}

void log_source_close(struct log_source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
    source->used = 0;
}
