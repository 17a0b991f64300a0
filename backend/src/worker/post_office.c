#include "worker/post_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mailbox.h"
#include "config/mail.h"

enum { AT_A_TIME = 16, PROBLEM_SIZE = 256 };

/* From post_office_send to the end of its thread. Each of its two posts is the loop's: the reply,
 * and then, when the connection is closed, the end. */
struct letter {
    TAILQ_ENTRY(letter) link; /* of those that wait, or of those under way */
    struct post_office *office;
    struct arena *arena;
    struct thread *thread; /* NULL: it waits */
    const char *to, *message;
    uint64_t asked, deadline;
    smtp_done *done; /* NULL: dropped; the loop's thread only */
    void *ctx;
    atomic_bool cancelled;
    struct smtp_reply reply;
    char problem[PROBLEM_SIZE];
};

TAILQ_HEAD(letters, letter);

struct post_office {
    struct loop *loop;
    const struct config *config;
    const char *from;
    bool needs_tls;
    struct arena *arena;
    struct letters waiting, under_way;
    int count; /* under way */
};

static void letter_free(struct letter *letter)
{
    arena_free(letter->arena);
}

/* ---- in the loop ---- */

static void post_next(struct post_office *office);

static void letter_deliver(void *ctx)
{
    struct letter *letter = ctx;
    smtp_done *done = letter->done;
    letter->done = NULL;
    if (done)
        done(letter->ctx, &letter->reply);
}

static void letter_end(void *ctx)
{
    struct letter *letter = ctx;
    struct post_office *office = letter->office;
    thread_join(letter->thread); /* it has nothing left to do */
    TAILQ_REMOVE(&office->under_way, letter, link);
    office->count--;
    letter_free(letter);
    post_next(office);
}

/* ---- in the letter's thread ---- */

static void letter_on_reply(void *ctx, const struct smtp_reply *reply)
{
    struct letter *letter = ctx;
    letter->reply = *reply;
    if (reply->problem) {
        snprintf(letter->problem, sizeof letter->problem, "%s", reply->problem);
        letter->reply.problem = letter->problem;
    }
    loop_post(letter->office->loop, letter_deliver, letter);
}

static void letter_run(void *ctx)
{
    struct letter *letter = ctx;
    const struct post_office *office = letter->office;
    uint64_t now = clock_ns();
    const struct smtp_ask ask = {.ca_bundle = office->config->smtp_ca_bundle,
                                 .url = office->config->smtp_url,
                                 .needs_tls = office->needs_tls,
                                 .from = office->from,
                                 .to = letter->to,
                                 .message = letter->message,
                                 .len = strlen(letter->message),
                                 .timeout_ms = letter->deadline > now ? (letter->deadline - now) / NS_PER_MS : 1,
                                 .cancelled = &letter->cancelled};
    smtp_send(&ask, letter_on_reply, letter);
    loop_post(office->loop, letter_end, letter);
}

/* ---- the office ---- */

/* Three quarters of its time were spent waiting: it waits on until its job gives it up, as what is
 * left may not be enough, and would count as an attempt. */
static bool is_late(const struct letter *letter)
{
    uint64_t now = clock_ns();
    return now >= letter->deadline || letter->deadline - now < (letter->deadline - letter->asked) / 4;
}

static struct letter *first_in_time(const struct post_office *office)
{
    struct letter *letter;
    TAILQ_FOREACH (letter, &office->waiting, link)
        if (!is_late(letter))
            break;
    return letter;
}

static void post_next(struct post_office *office)
{
    for (struct letter *letter; office->count < AT_A_TIME && (letter = first_in_time(office));) {
        TAILQ_REMOVE(&office->waiting, letter, link);
        TAILQ_INSERT_TAIL(&office->under_way, letter, link);
        office->count++;
        letter->thread = thread_start(letter_run, letter);
    }
}

struct letter *post_office_send(struct post_office *office, const char *to, const char *message, uint64_t deadline,
                                smtp_done *done, void *ctx)
{
    struct arena *arena = arena_new();
    struct letter *letter = arena_alloc(arena, sizeof *letter);
    *letter = (struct letter){.office = office,
                              .arena = arena,
                              .to = arena_strdup(arena, to),
                              .message = arena_strdup(arena, message),
                              .asked = clock_ns(),
                              .deadline = deadline,
                              .done = done,
                              .ctx = ctx};
    TAILQ_INSERT_TAIL(&office->waiting, letter, link);
    post_next(office);
    return letter;
}

bool letter_waits(const struct letter *letter)
{
    return !letter->thread;
}

void letter_drop(struct letter *letter)
{
    letter->done = NULL;
    if (letter->thread) {
        atomic_store_explicit(&letter->cancelled, true, memory_order_relaxed);
        return;
    }
    TAILQ_REMOVE(&letter->office->waiting, letter, link);
    letter_free(letter);
}

struct post_office *post_office_open(struct loop *loop, const struct config *config, struct err *err)
{
    struct mailbox from;
    if (*config->smtp_url && !smtp_start(err))
        return NULL;
    struct arena *arena = arena_new();
    struct post_office *office = arena_alloc(arena, sizeof *office);
    *office = (struct post_office){.loop = loop,
                                   .config = config,
                                   .from = mailbox_read(config->mail_from, &from)
                                               ? arena_printf(arena, "%.*s", (int)from.address_len, from.address)
                                               : "",
                                   .needs_tls = config_smtp_needs_tls(config),
                                   .arena = arena};
    TAILQ_INIT(&office->waiting);
    TAILQ_INIT(&office->under_way);
    return office;
}

void post_office_close(struct post_office *office)
{
    struct letter *letter;
    if (!office)
        return;
    TAILQ_FOREACH (letter, &office->under_way, link)
        atomic_store_explicit(&letter->cancelled, true, memory_order_relaxed);
    while ((letter = TAILQ_FIRST(&office->under_way))) {
        thread_join(letter->thread);
        TAILQ_REMOVE(&office->under_way, letter, link);
        letter_free(letter);
    }
    while ((letter = TAILQ_FIRST(&office->waiting)))
        letter_drop(letter);
    arena_free(office->arena);
}
