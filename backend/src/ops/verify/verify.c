#include "ops/verify/verify.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "config/config.h"
#include "ops/shared/command_line.h"
#include "ops/shared/exit_codes.h"
#include "ops/verify/report.h"

enum { PATIENCE = 4 /* times --for */ };

struct options {
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

static void wait_until(uint64_t at_ns)
{
    for (uint64_t now; !was_interrupted && (now = clock_ns()) < at_ns;)
        poll(NULL, 0, (int)((at_ns - now) / NS_PER_MS) + 1);
}

/* ---- watching ---- */

static bool is_over(const struct progress *p, enum verify_end *end)
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

/* Counters' windows need what was gained between two moments, so the moment before lives until
 * the next one is there. */
static enum verify_end watch_services(const struct options *options, struct tracks *tracks, bool *anything)
{
    struct watch *watch = watch_open(&options->place);
    struct progress p = {.tracks = tracks,
                         .for_ns = (uint64_t)options->for_ms * NS_PER_MS,
                         .give_up_ns = PATIENCE * (uint64_t)options->for_ms * NS_PER_MS};
    struct moment *now = NULL;
    enum verify_end end;
    do {
        if (now)
            wait_until(now->at_ns + (uint64_t)options->every_ms * NS_PER_MS);
        struct moment *next = watch_look(watch, now);
        moment_drop(now);
        p.now = now = next;
        p.began_ns = p.began_ns ? p.began_ns : now->at_ns;
        *anything = *anything || moment_has_answers(now);
        tracks_add(tracks, now);
        report_progress(&p);
    } while (!is_over(&p, &end));
    report_end(&p, end);
    moment_drop(now);
    watch_close(watch);
    return end;
}

static int verify(struct arena *arena, struct options *options)
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
    addresses_default(arena, &options->place.apis, config.port);
    addresses_default(arena, &options->place.workers, config.worker_port);
    catch_signals();
    enum verify_end end = watch_services(options, &tracks, &anything);
    tracks_clear(&tracks);
    if (end == VERIFY_HELD)
        return EXIT_FINE;
    return anything ? EXIT_FINDINGS : EXIT_COULD_NOT_LOOK;
}

/* ---- the command line ---- */

static void print_usage(FILE *out)
{
    fputs(
        "Usage: personaworlds verify [--for 15m] [--every 5s] [--api URL]... [--worker URL]...\n"
        "Watches the recovery checklist until all its items have held together for the whole of --for. An item that "
        "breaks starts its clock anew;\n"
        "after 4 times --for without success it gives up and says what broke, and when.\n"
        "  --for     1s to 24h; 15m\n"
        "  --every   how often it looks, 100ms to 10m; 5s\n"
        "  --api     an API, once for each; http://localhost:PORT\n"
        "  --worker  a worker, once for each; http://localhost:WORKER_OBSERVABILITY_PORT\n"
        "How long jobs are due it asks the database in DATABASE_URL.\n\n"
        "Items:\n",
        out);
    for (int i = 0; i < ITEMS; i++)
        fprintf(out, "  %-14s  %s\n", items[i].id, items[i].asks);
    fputs("\nExit code: 0 all have held, 1 not (also after Ctrl-C), 3 usage, 4 nothing ever answered.\n", out);
}

static bool read_time(const char *text, int64_t least, int64_t most, int64_t *ms)
{
    return duration_read(text, ms) && *ms >= least && *ms <= most;
}

static bool read_option(struct arena *arena, struct options *o, const char *flag, const char *value)
{
    if (strcmp(flag, "--for") == 0)
        return read_time(value, SECOND, 24 * HOUR, &o->for_ms);
    if (strcmp(flag, "--every") == 0)
        return read_time(value, SECOND / 10, 600 * SECOND, &o->every_ms);
    if (strcmp(flag, "--api") == 0)
        return addresses_add(arena, &o->place.apis, value);
    return addresses_add(arena, &o->place.workers, value);
}

static bool is_flag(const char *word)
{
    static const char *const flags[] = {"--for", "--every", "--api", "--worker"};
    for (size_t i = 0; i < COUNT(flags); i++)
        if (strcmp(flags[i], word) == 0)
            return true;
    return false;
}

/* 0, or EXIT_USAGE after it said why. */
static int read_options(struct arena *arena, int argc, char **argv, struct options *options)
{
    *options = (struct options){.for_ms = 900 * SECOND, .every_ms = 5 * SECOND};
    for (int i = 1; i < argc; i += 2) {
        if (!is_flag(argv[i]))
            return words_usage_error("verify", print_usage, argv[i][0] == '-' ? "unknown flag " : "unknown word ",
                                     argv[i]);
        if (i + 1 == argc)
            return words_usage_error("verify", print_usage, "a value is missing for ", argv[i]);
        if (!read_option(arena, options, argv[i], argv[i + 1]))
            return words_usage_error("verify", print_usage, "wrong value for ", argv[i]);
    }
    if (options->every_ms > options->for_ms)
        return words_usage_error("verify", print_usage, "--every must not be longer than --for", "");
    return 0;
}

int verify_main(int argc, char **argv)
{
    struct options options;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_FINE;
    }
    struct arena *arena = arena_new();
    int code = read_options(arena, argc, argv, &options);
    if (!code)
        code = verify(arena, &options);
    arena_free(arena);
    return code;
}
