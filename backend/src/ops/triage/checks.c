#include "ops/triage/checks.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ops/triage/judge.h"
#include "ops/triage/pressure.h"

static const struct check *const groups[] = {postgres_checks, replication_checks, statement_checks,
                                             service_checks,  latency_checks,     model_checks,
                                             lever_checks,    queue_checks,       freshness_checks};

/* ---- words of a verdict ---- */

static const char *format(struct arena *arena, const char *fmt, va_list args)
{
    char text[2048];
    vsnprintf(text, sizeof text, fmt, args);
    return arena_strdup(arena, text);
}

#define SAY(name, value, heavy)                                                   \
    void name(struct judge *judge, struct verdict *verdict, const char *fmt, ...) \
    {                                                                             \
        va_list args;                                                             \
        va_start(args, fmt);                                                      \
        verdict->status = value;                                                  \
        verdict->weight = heavy;                                                  \
        verdict->evidence = format(judge->arena, fmt, args);                      \
        va_end(args);                                                             \
    }

SAY(say_ok, CHECK_OK, WEIGHT_FULL)
SAY(say_found, CHECK_FINDING, WEIGHT_FULL)
SAY(say_lesser, CHECK_FINDING, WEIGHT_LESSER)
SAY(say_warning, CHECK_FINDING, WEIGHT_WARNING)
SAY(say_unknown, CHECK_UNKNOWN, WEIGHT_FULL)

/* Somebody will paste the command: what isn't a plain word doesn't get into it. */
void add_word(struct verdict *verdict, const char *name, const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    if (len && !text[len] && *text != '-')
        add_placeholder(verdict, name, text);
}

void add_placeholder(struct verdict *verdict, const char *name, const char *text)
{
    for (int i = 0; i < verdict->placeholder_count; i++)
        if (strcmp(verdict->placeholders[i].name, name) == 0 && strcmp(verdict->placeholders[i].text, text) == 0)
            return;
    if (verdict->placeholder_count < PLACEHOLDERS_MAX)
        verdict->placeholders[verdict->placeholder_count++] = (struct placeholder){name, text};
}

bool could_not_ask(struct judge *judge, struct verdict *verdict, enum question question)
{
    const struct session_ask *asked = &judge->look->database.asks[question];
    if (asked->ok)
        return false;
    say_unknown(judge, verdict, "the database doesn't say: %s", asked->err.text);
    return true;
}

/* ---- one check ---- */

static const struct check *check_named(const char *id)
{
    for (size_t group = 0; group < COUNT(groups); group++)
        for (const struct check *check = groups[group]; check->id; check++)
            if (strcmp(check->id, id) == 0)
                return check;
    return NULL;
}

static bool has_service(const struct look *look, bool of_apis, bool with_sample)
{
    for (int i = 0; i < look->service_count; i++) {
        const struct service *service = &look->services[i];
        if ((with_sample ? service->has_sample : service->has_metrics) && (!of_apis || service->kind == SERVICE_API))
            return true;
    }
    return false;
}

/* Services that want a token other than ours look like dead ones otherwise. */
static const char *no_metrics(const struct look *look, const char *usual)
{
    for (int i = 0; i < look->service_count; i++)
        if (look->services[i].metrics.status == 401)
            return "no metrics with this METRICS_TOKEN";
    return usual;
}

/* NULL: it could be looked at. */
static const char *missing(const struct look *look, enum need need)
{
    switch (need) {
    case NEED_NOTHING: return NULL;
    case NEED_DATABASE: return look->database.answers ? NULL : "the database couldn't be asked";
    case NEED_API_SAMPLE: return has_service(look, true, true) ? NULL : no_metrics(look, "no metrics of an API");
    case NEED_SAMPLE: return has_service(look, false, true) ? NULL : no_metrics(look, "no metrics");
    case NEED_METRICS: return has_service(look, false, false) ? NULL : no_metrics(look, "no metrics");
    }
    return NULL;
}

static void explain(struct judge *judge, const struct check *check, struct verdict *verdict)
{
    for (int i = 0; i < FOLLOWS_MAX && check->follows[i] && verdict->status == CHECK_FINDING; i++)
        if (is_found(judge, check->follows[i]))
            say_unknown(judge, verdict, "follows from %s: %s", check->follows[i], verdict->evidence);
}

static void judge_one(struct judge *judge, int index)
{
    struct verdict *verdict = &judge->verdicts[index];
    const struct check *check = check_named(runbook_checks[index].id);
    const char *why_not = missing(judge->look, check->need);
    judge->judged[index] = true;
    *verdict = (struct verdict){.status = CHECK_OK, .evidence = ""};
    if (why_not) {
        say_unknown(judge, verdict, "%s", why_not);
        return;
    }
    check->run(judge, verdict);
    explain(judge, check, verdict);
}

bool is_found(struct judge *judge, const char *id)
{
    for (int i = 0; i < RUNBOOK_CHECKS; i++) {
        if (strcmp(runbook_checks[i].id, id) != 0)
            continue;
        if (!judge->judged[i])
            judge_one(judge, i);
        return judge->verdicts[i].status == CHECK_FINDING;
    }
    fprintf(stderr, "personaworlds triage: a check names %s, which deploy/runbook.toml doesn't have\n", id);
    abort();
}

/* deploy/runbook.toml and the checks here name the same ones: a program of which this isn't so
 * is never shipped, as its first triage ends here. */
static void compare_tables(void)
{
    size_t here = 0;
    for (size_t group = 0; group < COUNT(groups); group++)
        for (const struct check *check = groups[group]; check->id; check++)
            here++;
    bool is_same = here == RUNBOOK_CHECKS;
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        is_same = is_same && check_named(runbook_checks[i].id);
    if (is_same)
        return;
    fputs("personaworlds triage: its checks aren't those of deploy/runbook.toml\n", stderr);
    abort();
}

void triage_judge(const struct look *look, struct verdict verdicts[static RUNBOOK_CHECKS])
{
    compare_tables();
    struct judge judge = {.look = look, .arena = look->arena, .verdicts = verdicts};
    judge.traffic = traffic_of(look->arena, &look->now, &look->gained);
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        if (!judge.judged[i])
            judge_one(&judge, i);
}

int triage_findings(const struct verdict verdicts[static RUNBOOK_CHECKS], int order[static RUNBOOK_CHECKS])
{
    int count = 0;
    for (enum weight weight = WEIGHT_FULL; weight < WEIGHTS; weight++)
        for (int i = 0; i < RUNBOOK_CHECKS; i++)
            if (verdicts[i].status == CHECK_FINDING && verdicts[i].weight == weight)
                order[count++] = i;
    return count;
}

/* ---- commands ---- */

/* The first {name} of a command; false: it has none. A brace in a jq filter or a shell's isn't
 * one. */
static bool find_placeholder(const char *command, const char **at, size_t *len)
{
    for (const char *open = command; (open = strchr(open, '{')); open++) {
        size_t letters = strspn(open + 1, "abcdefghijklmnopqrstuvwxyz");
        if (letters && open[letters + 1] == '}' && !pressure_is(open)) {
            *at = open;
            *len = letters + 2;
            return true;
        }
    }
    return false;
}

/* Between single quotes a quote is written '\''. */
static void add_quoted(struct buf *out, const char *text)
{
    bool is_quoted = false;
    for (const char *c = out->text; *c; c++)
        is_quoted ^= *c == '\'';
    for (const char *c = text; *c; c++) {
        if (*c == '\'' && is_quoted)
            buf_str(out, "'\\''");
        else
            buf_add(out, c, 1);
    }
}

static const char *in_capitals(struct arena *arena, const char *name, size_t len)
{
    char *out = arena_copy(arena, name, len);
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return out;
}

/* The command with its first placeholder, `len` bytes at `at`, replaced. */
static const char *replaced(struct arena *arena, const char *command, const char *at, size_t len, const char *text)
{
    struct buf out = buf_new(arena);
    buf_add(&out, command, (size_t)(at - command));
    add_quoted(&out, text);
    buf_str(&out, at + len);
    return out.text;
}

enum { COMMANDS_MAX = 64 };

/* Adds the command once for each text of its placeholder; our commands have at most one. */
static int fill(struct arena *arena, const char *command, const struct verdict *verdict, const char **out, int count)
{
    const char *at;
    size_t len;
    int before = count;
    if (!find_placeholder(command, &at, &len)) {
        out[count++] = command;
        return count;
    }
    for (int i = 0; i < verdict->placeholder_count && count < COMMANDS_MAX; i++) {
        const struct placeholder *placeholder = &verdict->placeholders[i];
        if (strlen(placeholder->name) == len - 2 && strncmp(placeholder->name, at + 1, len - 2) == 0)
            out[count++] = replaced(arena, command, at, len, placeholder->text);
    }
    if (count == before)
        out[count++] = replaced(arena, command, at, len, in_capitals(arena, at + 1, len - 2));
    return count;
}

const char *const *triage_commands(const struct look *look, const struct runbook_check *check,
                                   const struct verdict *verdict)
{
    struct arena *arena = look->arena;
    const char **out = arena_alloc(arena, (COMMANDS_MAX + 1) * sizeof *out);
    int count = 0;
    for (const char *const *command = check->commands[look->options->deployment]; *command && count < COMMANDS_MAX;
         command++)
        count = fill(arena, *command, verdict, out, count);
    for (int i = 0; i < count; i++)
        out[i] = pressure_filled(look, out[i]);
    return out;
}
