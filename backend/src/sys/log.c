#include "sys/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sys/metrics.h"

enum {
    RING_SIZE = 256 * 1024, /* some 1,000 lines */
    LINE_SIZE = 4096,
    NAP_US = 5000, /* under load the writer collects lines for this long: fewer, larger writes */
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    pthread_t writer;
    atomic_bool running, stopping;
    bool waiting, writing;
    const char *service;
    enum log_level least;
    struct metric *dropped;
    size_t used;
    char ring[RING_SIZE]; /* filled from the front, taken as a whole */
    char taken[RING_SIZE];
} out = {.least = LOG_INFO,
         .lock = PTHREAD_MUTEX_INITIALIZER,
         .filled = PTHREAD_COND_INITIALIZER,
         .emptied = PTHREAD_COND_INITIALIZER};

/* Whether another write may work: a signal came, or stdout doesn't block (some supervisors have it
 * so) and has room again. */
static bool may_write_again(void)
{
    if (errno == EINTR)
        return true;
    struct pollfd pipe = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return errno == EAGAIN && (poll(&pipe, 1, -1) >= 0 || errno == EINTR);
}

static void count_dropped(const char *bytes, size_t len)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    metric_add(out.dropped, lines);
}

/* Lines that can't be written are lost; the service must go on. */
static void write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);
        if (n < 0 && may_write_again())
            continue;
        if (n <= 0) {
            count_dropped(bytes, len);
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static size_t take_lines(void)
{
    pthread_mutex_lock(&out.lock);
    out.writing = false;
    pthread_cond_signal(&out.emptied);
    while (out.used == 0 && !out.stopping) {
        out.waiting = true;
        pthread_cond_wait(&out.filled, &out.lock);
    }
    out.waiting = false;
    size_t len = out.used;
    memcpy(out.taken, out.ring, len);
    out.used = 0;
    out.writing = len > 0;
    pthread_mutex_unlock(&out.lock);
    return len;
}

static void *writer_main(void *arg)
{
    (void)arg;
    for (size_t len; (len = take_lines()) > 0;) {
        write_all(out.taken, len);
        if (!out.stopping)
            usleep(NAP_US);
    }
    return NULL;
}

void log_set_level(enum log_level least)
{
    out.least = least;
}

void log_start(const char *service)
{
    out.service = service;
    out.dropped = metric_series(metric_family(METRIC_COUNTER, "log_lines_dropped_total",
                                              "Log lines dropped because nobody read them in time.", NULL),
                                "");
    out.running = pthread_create(&out.writer, NULL, writer_main, NULL) == 0;
}

/* A reader that hangs must not hang the exit as well. */
void log_stop(void)
{
    if (!out.running)
        return;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_mutex_lock(&out.lock);
    out.stopping = true;
    pthread_cond_signal(&out.filled);
    int late = 0;
    while ((out.used > 0 || out.writing) && !late)
        late = pthread_cond_timedwait(&out.emptied, &out.lock, &until);
    pthread_mutex_unlock(&out.lock);
    if (!late)
        pthread_join(out.writer, NULL);
    out.running = false;
}

static size_t line_add_text(char *line, size_t len, const char *text)
{
    size_t n = strlen(text);
    if (n >= LINE_SIZE - len)
        return len;
    memcpy(line + len, text, n);
    return len + n;
}

/* Log lines are the hottest text of the program: printf took a tenth of a small request. */
static size_t line_add_number(char *line, size_t len, uint64_t number)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n > 0)
        line[len++] = digits[--n];
    return len;
}

static size_t line_add_milliseconds(char *line, size_t len, uint64_t ns)
{
    uint64_t us = ns / 1000;
    len = line_add_number(line, len, us / 1000);
    line[len++] = '.';
    for (uint64_t unit = 100; unit > 0; unit /= 10)
        line[len++] = (char)('0' + us / unit % 10);
    return len;
}

static size_t line_add_integer(char *line, size_t len, int64_t number)
{
    if (number < 0)
        line[len++] = '-';
    return line_add_number(line, len, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static size_t line_add_field(char *line, size_t len, const struct log_field *field)
{
    enum { NUMBER_ROOM = 40, TEXT_MAX = 1024 };
    size_t name_len = strlen(field->name);
    if (len + name_len + NUMBER_ROOM > LINE_SIZE)
        return len;
    len = line_add_text(line, len, ",\"");
    len = line_add_text(line, len, field->name);
    len = line_add_text(line, len, "\":");
    size_t room = LINE_SIZE - len - 2;
    switch (field->kind) {
    case LOG_FIELD_TEXT:
        return len + json_quote(line + len, MIN(room, (size_t)TEXT_MAX), field->text, strlen(field->text));
    case LOG_FIELD_INT: return line_add_integer(line, len, field->number);
    case LOG_FIELD_MS: return line_add_milliseconds(line, len, (uint64_t)field->number);
    case LOG_FIELD_NONE: break;
    }
    return len;
}

static bool log_field_is_empty(const struct log_field *field)
{
    return field->kind == LOG_FIELD_NONE || (field->kind == LOG_FIELD_TEXT && (!field->text || !*field->text));
}

static size_t compose(char line[static LINE_SIZE], enum log_level level, const char *msg,
                      const struct log_field *fields)
{
    char now[RFC3339_SIZE];
    rfc3339_from_us(now, clock_unix_us());
    const char *const head[] = {"{\"ts\":\"",
                                now,
                                "\",\"level\":\"",
                                level_names[level],
                                "\",\"msg\":\"",
                                msg,
                                "\",\"service\":\"",
                                out.service ? out.service : "cli",
                                "\""};
    size_t len = 0;
    for (size_t i = 0; i < COUNT(head); i++)
        len = line_add_text(line, len, head[i]);
    for (const struct log_field *field = fields; field->name; field++)
        if (!log_field_is_empty(field))
            len = line_add_field(line, len, field);
    line[len++] = '}';
    line[len++] = '\n';
    return len;
}

static void enqueue(const char *line, size_t len)
{
    pthread_mutex_lock(&out.lock);
    bool fits = out.used + len <= RING_SIZE;
    if (fits) {
        memcpy(out.ring + out.used, line, len);
        out.used += len;
    }
    bool wake = out.waiting;
    out.waiting = false;
    pthread_mutex_unlock(&out.lock);
    if (wake)
        pthread_cond_signal(&out.filled);
    if (!fits)
        metric_add(out.dropped, 1);
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
    if (level < out.least)
        return;
    char line[LINE_SIZE + 8];
    size_t len = compose(line, level, msg, fields);
    if (out.running)
        enqueue(line, len);
    else
        write_all(line, len);
}
