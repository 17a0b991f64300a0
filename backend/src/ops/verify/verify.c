#include "ops/verify/verify.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/duration.h"
#include "config/listen.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "ops/shared/times.h"
#include "ops/verify/report.h"

enum { PATIENCE = 4 /* times --for */ };

struct verify_options {
    int64_t for_ms, every_ms;
    struct watch_place place;
};

static volatile sig_atomic_t was_interrupted;

static void on_signal(int signum)
{
    (void)signum;
    was_interrupted = 1;
}

/* Without SA_RESTART, so that waiting ends. A second signal ends the process at once: a name
 * lookup may keep it for long. */
static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void verify_wait_until(uint64_t at_ns)
{
    for (uint64_t now; !was_interrupted && (now = clock_ns()) < at_ns;)
        poll(NULL, 0, (int)((at_ns - now) / NS_PER_MS) + 1);
}

/* ---- watching ---- */

static bool verify_is_over(const struct verify_progress *p, enum verify_end *end)
{
    if (tracks_held_ns(p->tracks, p->now) >= p->for_ns)
        *end = VERIFY_HELD;
    else if (was_interrupted)
        *end = VERIFY_INTERRUPTED;
    else if (p->now->at_ns - p->began_ns >= p->give_up_ns || ferror(stdout))
        *end = VERIFY_GAVE_UP;
    else
        return false;
    return true;
}

/* What was found, in one entry; a watch that was broken off found nothing. */
static void record_end(const struct verify_progress *p, enum verify_end end)
{
    struct arena *arena = arena_new();
    struct buf broken = buf_new(arena);
    for (int i = 0; i < ITEMS; i++)
        if (p->tracks->of[i].is_known && !p->tracks->of[i].holds)
            buf_printf(&broken, "%s%s (%s)", broken.len ? "; " : "", items[i].id, p->tracks->of[i].value.text);
    const char *held = times_write(arena, (long long)(p->for_ns / NS_PER_S));
    if (end == VERIFY_HELD)
        happened_beside((struct database){0}, JOURNAL_VERIFY, "recovered: everything has held for %s", held);
    else if (end == VERIFY_GAVE_UP)
        happened_beside((struct database){0}, JOURNAL_VERIFY,
                        "not recovered: not all held for %s; broken at the end: %s", held,
                        broken.len ? broken.text : "nothing");
    arena_free(arena);
}

/* Counters' windows need what was gained between two moments, so the moment before lives until
 * the next one is there. */
static enum verify_end watch_services(const struct verify_options *options, struct tracks *tracks, bool *anything)
{
    struct watch *watch = watch_open(&options->place);
    struct verify_progress p = {.tracks = tracks,
                                .for_ns = (uint64_t)options->for_ms * NS_PER_MS,
                                .give_up_ns = PATIENCE * (uint64_t)options->for_ms * NS_PER_MS};
    struct moment *now = NULL;
    enum verify_end end;
    do {
        if (now)
            verify_wait_until(now->at_ns + (uint64_t)options->every_ms * NS_PER_MS);
        struct moment *next = watch_look(watch, now);
        moment_drop(now);
        p.now = now = next;
        p.began_ns = p.began_ns ? p.began_ns : now->at_ns;
        *anything = *anything || moment_has_answers(now);
        tracks_add(tracks, now);
        report_progress(&p);
    } while (!verify_is_over(&p, &end));
    report_end(&p, end);
    record_end(&p, end);
    moment_drop(now);
    watch_close(watch);
    return end;
}

static int verify(struct arena *arena, struct verify_options *options)
{
    static struct config config; /* its texts live as long as the process */
    struct err err;
    struct tracks tracks = {0};
    bool anything = false;
    if (!config_read(&config, &err)) {
        fprintf(stderr, "personaworlds verify: %s\n", err.text);
        return EXIT_COULD_NOT_LOOK;
    }
    options->place.database_url = config.database_url;
    options->place.metrics_token = config.metrics_token;
    addresses_default(arena, &options->place.apis, listen_api_probes(&config));
    addresses_default(arena, &options->place.workers, listen_worker(&config));
    catch_signals();
    enum verify_end end = watch_services(options, &tracks, &anything);
    tracks_clear(&tracks);
    if (end == VERIFY_HELD)
        return EXIT_FINE;
    return anything ? EXIT_FINDINGS : EXIT_COULD_NOT_LOOK;
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: personaworlds verify [--for 15m] [--every 5s] [--api URL]... [--worker URL]...\n"
    "Watches the recovery checklist until all its items have held together for the whole of --for. An item that "
    "breaks starts its clock anew;\n"
    "after 4 times --for without success it gives up and says what broke, and when.\n"
    "  --for     1s to 24h; 15m\n"
    "  --every   how often it looks, 100ms to 10m; a tenth of --for, 5s at most\n"
    "  --api     an API, once for each; http://localhost:PORT\n"
    "  --worker  a worker, once for each; http://localhost:WORKER_OBSERVABILITY_PORT\n"
    "How long jobs are due it asks the database in DATABASE_URL.\n\n"
    "Items:\n";

static void print_items(FILE *out)
{
    for (int i = 0; i < ITEMS; i++)
        fprintf(out, "  %-14s  %s\n", items[i].id, items[i].asks);
}

static bool verify_read(struct arena *arena, int argc, char **argv, struct verify_options *o, int *code)
{
    const struct option options[] = {
        {"--for", OPTION_DURATION, &o->for_ms, .like = "15m", .least = SECOND, .most = 24 * HOUR},
        {"--every", OPTION_DURATION, &o->every_ms, .like = "5s", .least = SECOND / 10, .most = 600 * SECOND},
        {"--api", OPTION_ADDRESSES, &o->place.apis, .like = "http://localhost:8080"},
        {"--worker", OPTION_ADDRESSES, &o->place.workers, .like = "http://localhost:9091"},
        {0}};
    struct command_line line = {
        .command = "verify",
        .usage = usage,
        .print_list = print_items,
        .usage_end = "\nExit code: 0 all have held, 1 not (also after Ctrl-C), 3 usage, 4 nothing ever answered.\n",
        .options = options,
        .arena = arena};
    if (!command_line_read(&line, argc, argv, code))
        return false;
    if (!o->every_ms)
        o->every_ms = MIN(5 * SECOND, MAX(o->for_ms / 10, SECOND / 10));
    if (o->every_ms > o->for_ms)
        *code = command_line_wrong_value(&line, "--every must not be longer than --for");
    return o->every_ms <= o->for_ms;
}

int verify_main(int argc, char **argv)
{
    struct verify_options options = {.for_ms = 900 * SECOND};
    int code;
    struct arena *arena = arena_new();
    if (verify_read(arena, argc, argv, &options, &code))
        code = verify(arena, &options);
    arena_free(arena);
    return code;
}
