#include "ops/doctor/doctor.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "ops/doctor/checkup.h"
#include "ops/shared/command_line.h"
#include "ops/shared/deployment.h"
#include "ops/shared/screen.h"
#include "sys/loop.h"
#include "sys/standard.h"

/* In the order in which they are shown: what the others rest on comes first. */
static const struct doctor_check {
    const char *name, *does;
    void (*run)(struct checkup *);
} checks[] = {
    {"settings", "every setting can be read and is within its bounds, and they fit together", check_settings},
    {"secrets", "JWT_SECRET is long and can't be foreseen; OPENAI_API_KEY is there where it is needed", check_secrets},
    {"files", "enough file descriptors; MIGRATIONS_DIR can be read", check_files},
    {"ports", "PORT and WORKER_OBSERVABILITY_PORT are free, or held by a running personaworlds", check_ports},
    {"database", "DATABASE_URL answers, quickly, and is new enough", check_database},
    {"roles", "DATABASE_URL is no superuser's; DATABASE_OWNER_URL's role may create tables", check_roles},
    {"direct_database", "DATABASE_DIRECT_URL leads past any pooler and hears what is notified through DATABASE_URL",
     check_direct_database},
    {"migrations", "the schema has what this program needs", check_migrations},
    {"clock", "this machine's clock and the database's agree", check_clock},
    {"redis", "REDIS_URL answers within 100 ms", check_redis},
    {"mail", "SMTP_URL answers, encrypted where it has to be, and takes the login", check_mail},
    {"provider", "the model's server answers and takes the key; by name: it writes a text", check_provider},
};

enum { CHECKS = COUNT(checks), UNREADABLE_MAX = 16 };

static struct doctor_task {
    const struct doctor_check *check;
    struct checkup checkup;
    struct thread *thread;
    bool done; /* under the lock */
} tasks[CHECKS];

static struct {
    pthread_mutex_t lock;
    pthread_cond_t task_done;
} sync_point = {.lock = PTHREAD_MUTEX_INITIALIZER};

const char *act_here(const struct checkup *checkup, enum act act)
{
    return runbook_acts[act].commands[checkup->deployment];
}

void found(struct checkup *checkup, enum verdict verdict, const char *remedy, const char *fmt, ...)
{
    struct err sentence;
    struct finding *finding = arena_alloc(checkup->arena, sizeof *finding);
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence.text, sizeof sentence.text, fmt, args);
    va_end(args);
    *finding =
        (struct finding){.verdict = verdict, .sentence = arena_strdup(checkup->arena, sentence.text), .remedy = remedy};
    STAILQ_INSERT_TAIL(&checkup->findings, finding, link);
}

/* ---- running ---- */

static void run_task(void *ctx)
{
    struct doctor_task *task = ctx;
    task->check->run(&task->checkup);
    arena_drain_spares();
    pthread_mutex_lock(&sync_point.lock);
    task->done = true;
    pthread_cond_signal(&sync_point.task_done);
    pthread_mutex_unlock(&sync_point.lock);
}

static bool doctor_wait_for(const struct doctor_task *task, const struct timespec *until)
{
    int timed_out = 0;
    pthread_mutex_lock(&sync_point.lock);
    while (!task->done && !timed_out)
        timed_out = pthread_cond_timedwait(&sync_point.task_done, &sync_point.lock, until);
    bool done = task->done;
    pthread_mutex_unlock(&sync_point.lock);
    return done;
}

static void make_sync_point(void)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sync_point.task_done, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void doctor_start(struct doctor_task *task, const struct doctor_check *check, const struct checkup *about)
{
    task->check = check;
    task->checkup = *about;
    task->checkup.arena = arena_new();
    STAILQ_INIT(&task->checkup.findings);
    task->thread = thread_start(run_task, task);
}

/* ---- printing ---- */

static const struct {
    const char *name;
    enum tone tone;
} verdicts[] = {[VERDICT_OK] = {"ok", TONE_GOOD},
                [VERDICT_WARNING] = {"warning", TONE_WARNING},
                [VERDICT_PROBLEM] = {"problem", TONE_BAD},
                [VERDICT_UNKNOWN] = {"unknown", TONE_WARNING}};

static void doctor_print(const struct doctor_check *check, const struct finding *finding)
{
    screen_line(verdicts[finding->verdict].tone, "%-15s  %-7s  %s", check->name, verdicts[finding->verdict].name,
                finding->sentence);
    if (finding->remedy)
        screen_line(TONE_PLAIN, "%26s-> %s", "", finding->remedy);
}

/* Of a thread that still runs nothing may be read but what it waits for. */
static void doctor_report(struct doctor_task *task, bool done, int counts[static 4])
{
    const char *waits_for = task->checkup.waits_for;
    const struct finding too_slow = {
        .verdict = VERDICT_PROBLEM,
        .sentence = waits_for ? waits_for : "no end in time; a name that can't be looked up?",
        .remedy = waits_for ? "see what is slow, the server or the way to it: `personaworlds triage`"
                            : "try `getent hosts NAME` with the host names in the settings"};
    const struct finding *finding = done ? STAILQ_FIRST(&task->checkup.findings) : &too_slow;
    for (; finding; finding = done ? STAILQ_NEXT(finding, link) : NULL) {
        doctor_print(task->check, finding);
        counts[finding->verdict]++;
    }
    if (!done)
        return;
    thread_join(task->thread);
    arena_free(task->checkup.arena);
}

static int doctor_exit_code(const int counts[static 4])
{
    if (counts[VERDICT_PROBLEM])
        return EXIT_FINDINGS;
    if (counts[VERDICT_UNKNOWN])
        return EXIT_COULD_NOT_LOOK;
    return counts[VERDICT_WARNING] ? EXIT_WARNINGS : EXIT_FINE;
}

static void print_sum(const int counts[static 4])
{
    enum tone tone = counts[VERDICT_PROBLEM]                             ? TONE_BAD
                     : counts[VERDICT_WARNING] + counts[VERDICT_UNKNOWN] ? TONE_WARNING
                                                                         : TONE_GOOD;
    if (tone == TONE_GOOD)
        screen_line(tone, "everything is fine");
    else
        screen_line(tone, "problems: %d, warnings: %d, not looked at: %d", counts[VERDICT_PROBLEM],
                    counts[VERDICT_WARNING], counts[VERDICT_UNKNOWN]);
}

/* A real call that was asked for has the time that calls have. */
static struct timespec latest(const struct checkup *about)
{
    struct timespec at;
    int64_t slowest_ms = CHECK_MS + (about->is_named ? about->config->openai_timeout : 0);
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += slowest_ms / 1000;
    at.tv_nsec += slowest_ms % 1000 * (long)NS_PER_MS;
    at.tv_sec += at.tv_nsec / (long)NS_PER_S;
    at.tv_nsec %= (long)NS_PER_S;
    return at;
}

/* A thread that hangs in a name lookup can't be ended, so the process ends around it. */
static int examine(const bool chosen[static CHECKS], bool is_named, enum deployment deployment)
{
    static struct config config; /* its texts live as long as the process */
    static struct err unreadable[UNREADABLE_MAX];
    const struct checkup about = {.is_named = is_named,
                                  .deployment = deployment,
                                  .config = &config,
                                  .unreadable = unreadable,
                                  .unreadable_count = config_read_all(&config, unreadable, UNREADABLE_MAX)};
    int counts[4] = {0};
    bool all_done = true;
    make_sync_point();
    for (int i = 0; i < CHECKS; i++)
        if (chosen[i])
            doctor_start(&tasks[i], &checks[i], &about);
    const struct timespec until = latest(&about);
    for (int i = 0; i < CHECKS; i++) {
        if (!chosen[i])
            continue;
        bool done = doctor_wait_for(&tasks[i], &until);
        doctor_report(&tasks[i], done, counts);
        all_done = all_done && done;
    }
    print_sum(counts);
    if (!all_done)
        _exit(standard_end(doctor_exit_code(counts)));
    return doctor_exit_code(counts);
}

/* ---- the command line ---- */

static void list_checks(FILE *out)
{
    for (int i = 0; i < CHECKS; i++)
        fprintf(out, "  %-15s  %s\n", checks[i].name, checks[i].does);
}

static bool choose(const char *name, bool chosen[static CHECKS])
{
    for (int i = 0; i < CHECKS; i++)
        if (strcmp(checks[i].name, name) == 0)
            return chosen[i] = true;
    return false;
}

static const char usage[] =
    "Usage: personaworlds doctor [--list] [--as DEPLOYMENT] [CHECK...]\n"
    "Looks at the configuration and its surroundings before a start, all at once within 3 s, and changes nothing. "
    "Settings come from the environment,\n"
    "so run it where the services run. `doctor provider` by name lets the model write one text, which costs some "
    "tokens.\n"
    "  --list  only lists the checks\n"
    "  --as    remedies for compose, systemd, kubernetes or up; without it, for what is found here\n\n"
    "Checks; without a name all of them:\n";

static const char usage_end[] =
    "\nExit code: 0 fine, 1 problems, 2 warnings only, 3 usage, 4 something couldn't be looked at and nothing "
    "worse was found.\n";

int doctor_main(int argc, char **argv)
{
    bool chosen[CHECKS] = {false}, only_list = false;
    const char *as = NULL;
    enum deployment deployment;
    int code;
    const struct option options[] = {{.name = "--list", .kind = OPTION_SWITCH, .value = &only_list},
                                     {.name = "--as", .kind = OPTION_TEXT, .value = &as},
                                     {0}};
    struct command_line line = {.command = "doctor",
                                .usage = usage,
                                .print_list = list_checks,
                                .usage_end = usage_end,
                                .options = options,
                                .most = CHECKS};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    if (only_list && line.count)
        return command_line_wrong_word(&line, "--list takes no check: ", line.words[0]);
    if (only_list) {
        list_checks(stdout);
        return EXIT_FINE;
    }
    if (!deployment_choose(as, &deployment))
        return command_line_wrong_value(&line, DEPLOYMENT_WRONG);
    for (int i = 0; i < line.count; i++)
        if (!choose(line.words[i], chosen))
            return command_line_wrong_word(&line, "no such check: ", line.words[i]);
    for (int i = 0; !line.count && i < CHECKS; i++)
        chosen[i] = true;
    return examine(chosen, line.count > 0, deployment);
}
