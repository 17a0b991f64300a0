#include "ops/queue/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/duration.h"
#include "config/job_types.h"
#include "ops/queue/actions.h"
#include "ops/shared/command_line.h"
#include "ops/shared/lever_store.h"

static const char command[] = "queue";

/* ---- pause and resume ---- */

static bool is_meant(const struct queue_request *r, const char *type)
{
    return !r->type || strcmp(r->type, type) == 0;
}

static int pause_types(const struct queue_request *r, struct err *err)
{
    const char *until;
    for (int i = 0; i < JOB_TYPES; i++) {
        if (!is_meant(r, job_types[i].name))
            continue;
        if (!lever_store_set(&r->database, lever_pause((enum job_type_id)i), true, r->for_ms, &until, err))
            return EXIT_COULD_NOT_LOOK;
        printf("%s is paused %s%s\n", job_types[i].name, until ? "until " : "until it is resumed", until ? until : "");
    }
    return 0;
}

static int resume_types(const struct queue_request *r, struct err *err)
{
    bool was_set;
    for (int i = 0; i < JOB_TYPES; i++) {
        if (!is_meant(r, job_types[i].name))
            continue;
        if (!lever_store_unset(&r->database, job_types[i].pause_key, &was_set, err))
            return EXIT_COULD_NOT_LOOK;
        printf(was_set ? "%s is taken again\n" : "%s was not paused\n", job_types[i].name);
    }
    return 0;
}

/* ---- the command line ---- */

struct words { /* as written */
    const char *type, *error, *for_how_long, *timeout;
    bool dry_run;
    char **rest;
    int count;
};

enum {
    TAKES_TYPE = 1,
    TAKES_ERROR = 2,
    TAKES_FOR = 4,
    TAKES_TIMEOUT = 8,
    TAKES_DRY_RUN = 16,
    SELECTS = TAKES_TYPE | TAKES_ERROR | TAKES_DRY_RUN
};

static const struct action {
    const char *name;
    int flags;
    enum { NO_WORDS, ONE_TYPE, IDS } words;
    queue_action *run;
    const char *usage;
} actions[] = {
    {"status", 0, NO_WORDS, show_queue, "what waits, runs and failed, by type and by error"},
    {"pause", TAKES_FOR, ONE_TYPE, pause_types,
     "[TYPE] [--for 30m]: nobody takes a job of this type, or of any; what runs is finished"},
    {"resume", 0, ONE_TYPE, resume_types, "[TYPE]: gives it back to the workers"},
    {"retry", SELECTS, IDS, retry_jobs,
     "[ID ...] [--type TYPE] [--error PART] [--dry-run]: failed jobs are due again, their attempts forgotten"},
    {"cancel", SELECTS, IDS, cancel_jobs,
     "[ID ...] [--type TYPE] [--error PART] [--dry-run]: waiting jobs become failed ones; what runs is left"},
    {"drain", TAKES_TYPE | TAKES_TIMEOUT, NO_WORDS, drain_queue,
     "[--type TYPE] [--timeout 10m]: waits until there is nothing to do but what is paused"},
};

static void print_usage(FILE *out)
{
    fputs("Usage: personaworlds queue COMMAND ...\n\n", out);
    for (size_t i = 0; i < COUNT(actions); i++)
        fprintf(out, "  %-7s %s\n", actions[i].name, actions[i].usage);
    fputs("\nTypes:", out);
    for (int i = 0; i < JOB_TYPES; i++)
        fprintf(out, " %s", job_types[i].name);
    fputs(
        "\nOf several selectors all must fit; --error is part of the error as it is stored, or as status shows it. The "
        "database is the one in\n"
        "DATABASE_URL. Exit code: 0; 1 where drain ran out of time; 3 for a wrong command line; 4 where the database "
        "couldn't be asked.\n",
        out);
}

static int given_flags(const struct words *w)
{
    return (w->type ? TAKES_TYPE : 0) | (w->error ? TAKES_ERROR : 0) | (w->for_how_long ? TAKES_FOR : 0) |
           (w->timeout ? TAKES_TIMEOUT : 0) | (w->dry_run ? TAKES_DRY_RUN : 0);
}

static bool are_ids(const struct words *w)
{
    enum { MOST_DIGITS = 18 };
    for (int i = 0; i < w->count; i++)
        if (strspn(w->rest[i], "0123456789") != strlen(w->rest[i]) || !*w->rest[i] || strlen(w->rest[i]) > MOST_DIGITS)
            return false;
    return true;
}

/* NULL, or what is wrong. */
static const char *wrong_words(const struct action *action, struct words *w)
{
    if (given_flags(w) & ~action->flags)
        return "a flag of another command";
    if (action->words == ONE_TYPE && w->count == 1)
        w->type = w->rest[0];
    if (action->words == NO_WORDS ? w->count > 0 : action->words == ONE_TYPE ? w->count > 1 : !are_ids(w))
        return "wrong arguments";
    if (w->type && !job_type_find(w->type))
        return "no such type";
    if (action->words == IDS && !w->count && !w->type && !w->error)
        return "say which jobs: ids, --type or --error";
    return NULL;
}

static const char *as_array(struct arena *arena, const struct words *w)
{
    struct buf array = buf_new(arena);
    for (int i = 0; i < w->count; i++)
        buf_printf(&array, "%s%s", i ? "," : "{", w->rest[i]);
    buf_str(&array, "}");
    return array.text;
}

static int run(const struct action *action, const struct words *w, int64_t for_ms, int64_t timeout_ms)
{
    struct err err;
    struct queue_request r = {
        .type = w->type, .error = w->error, .dry_run = w->dry_run, .for_ms = for_ms, .timeout_ms = timeout_ms};
    int code = database_open(&r.database, &err) ? 0 : EXIT_COULD_NOT_LOOK;
    if (action->words == IDS && w->count)
        r.ids = as_array(r.database.arena, w);
    if (!code)
        code = action->run(&r, &err);
    database_close(&r.database);
    if (code == EXIT_COULD_NOT_LOOK)
        fprintf(stderr, "personaworlds queue: %s\n", err.text);
    return code;
}

static int check_and_run(const struct action *action, struct words *w)
{
    int64_t for_ms = 0, timeout_ms = 10 * 60 * SECOND;
    const char *wrong = wrong_words(action, w);
    if (wrong)
        return words_usage_error(command, print_usage, wrong, "");
    if (w->for_how_long && !words_read_time(w->for_how_long, &for_ms))
        return words_refuse(command, words_wrong_for);
    if (w->timeout && !words_read_time(w->timeout, &timeout_ms))
        return words_refuse(command, "--timeout must be a duration like 10m, within 1s to 720h");
    return run(action, w, for_ms, timeout_ms);
}

int queue_main(int argc, char **argv)
{
    struct words w = {.rest = argv + 2, .count = argc - 2};
    const struct flag flags[] = {{"--type", &w.type, NULL},        {"--error", &w.error, NULL},
                                 {"--for", &w.for_how_long, NULL}, {"--timeout", &w.timeout, NULL},
                                 {"--dry-run", NULL, &w.dry_run},  {0}};
    if (words_ask_for_help(argc, argv)) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (argc < 2)
        return words_usage_error(command, print_usage, "what to do is missing", "");
    for (size_t i = 0; i < COUNT(actions); i++)
        if (strcmp(actions[i].name, argv[1]) == 0)
            return words_take_flags(w.rest, &w.count, flags)
                       ? check_and_run(&actions[i], &w)
                       : words_usage_error(command, print_usage, "wrong flags for ", argv[1]);
    return words_usage_error(command, print_usage, "unknown command ", argv[1]);
}
