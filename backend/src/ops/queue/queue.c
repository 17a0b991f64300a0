#include "ops/queue/queue.h"

#include <string.h>

#include "base/duration.h"
#include "config/job_types.h"
#include "ops/queue/actions.h"
#include "ops/shared/command_line.h"
#include "ops/shared/lever_store.h"

/* ---- pause and resume ---- */

static bool concerns(const struct queue_request *r, const char *type)
{
    return !r->type || strcmp(r->type, type) == 0;
}

static int pause_types(void *request, struct err *err)
{
    const struct queue_request *r = request;
    const char *until;
    for (int i = 0; i < JOB_TYPES; i++) {
        if (!concerns(r, job_types[i].name))
            continue;
        const struct lever_order order = {lever_pause((enum job_type_id)i), true, r->for_ms};
        if (!lever_store_set(&r->database, &order, &until, err))
            return EXIT_COULD_NOT_LOOK;
        printf("%s is paused %s%s\n", job_types[i].name, until ? "until " : "until it is resumed", until ? until : "");
    }
    return EXIT_FINE;
}

static int resume_types(void *request, struct err *err)
{
    const struct queue_request *r = request;
    bool was_set;
    for (int i = 0; i < JOB_TYPES; i++) {
        if (!concerns(r, job_types[i].name))
            continue;
        if (!lever_store_unset(&r->database, job_types[i].pause_key, &was_set, err))
            return EXIT_COULD_NOT_LOOK;
        printf(was_set ? "%s is taken again\n" : "%s was not paused\n", job_types[i].name);
    }
    return EXIT_FINE;
}

/* ---- the command line ---- */

enum { ANY_NUMBER = 1 << 20 };

static const struct action actions[] = {
    {"status", 0, 0, show_queue, "what waits, runs and failed, by type and by error"},
    {"pause", 0, 1, pause_types,
     "[TYPE] [--for 30m]: nobody takes a job of this type, or of any; what runs is finished"},
    {"resume", 0, 1, resume_types, "[TYPE]: gives it back to the workers"},
    {"retry", 0, ANY_NUMBER, retry_jobs,
     "[ID ...] [--type TYPE] [--error PART] [--dry-run]: failed jobs are due again, their attempts forgotten"},
    {"cancel", 0, ANY_NUMBER, cancel_jobs,
     "[ID ...] [--type TYPE] [--error PART] [--dry-run]: waiting jobs become failed ones; what runs is left"},
    {"drain", 0, 0, drain_queue,
     "[--type TYPE] [--timeout 10m]: waits until there is nothing to do but what is paused"},
    {0}};

static void print_job_types(FILE *out)
{
    fputs("\nTypes:", out);
    for (int i = 0; i < JOB_TYPES; i++)
        fprintf(out, " %s", job_types[i].name);
}

static const char usage_end[] =
    "\nOf several selectors all must fit; --error is part of the error as it is stored, or as status shows it. The "
    "database is the one in\n"
    "DATABASE_URL. Exit code: 0; 1 where drain ran out of time; 3 for a wrong command line; 4 where the database "
    "couldn't be asked.\n";

static bool are_ids(const char *const *words, int count)
{
    enum { MOST_DIGITS = 18 };
    for (int i = 0; i < count; i++)
        if (strspn(words[i], "0123456789") != strlen(words[i]) || !*words[i] || strlen(words[i]) > MOST_DIGITS)
            return false;
    return true;
}

/* The words are one type, or ids. NULL, or what is wrong with them. */
static const char *take_words(struct queue_request *r, const struct command_line *line)
{
    bool selects = line->action->most == ANY_NUMBER;
    if (selects && !are_ids(line->words, line->count))
        return "an id is a whole number";
    if (selects) {
        r->ids = line->words;
        r->id_count = line->count;
    } else if (line->count) {
        r->type = line->words[0];
    }
    if (r->type && !job_type_find(r->type))
        return "no such type";
    return selects && !line->count && !r->type && !r->error ? "say which jobs: ids, --type or --error" : NULL;
}

int queue_main(int argc, char **argv)
{
    struct queue_request r = {.timeout_ms = 600 * SECOND};
    int code;
    const struct option options[] = {
        {.name = "--type", .kind = OPTION_TEXT, .value = &r.type, .actions = "retry cancel drain"},
        {.name = "--error", .kind = OPTION_TEXT, .value = &r.error, .actions = "retry cancel"},
        {.name = "--dry-run", .kind = OPTION_SWITCH, .value = &r.dry_run, .actions = "retry cancel"},
        {.name = "--for", OPTION_HOLDS, .like = "30m", .value = &r.for_ms, .actions = "pause"},
        {.name = "--timeout", OPTION_HOLDS, .like = "10m", .value = &r.timeout_ms, .actions = "drain"},
        {0}};
    struct command_line line = {.command = "queue",
                                .usage = "Usage: personaworlds queue COMMAND ...\n\n",
                                .print_list = print_job_types,
                                .usage_end = usage_end,
                                .options = options,
                                .actions = actions};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    const char *wrong = take_words(&r, &line);
    if (wrong)
        return command_line_wrong_word(&line, wrong, "");
    return database_command(line.command, &r.database, line.action->run, &r);
}
