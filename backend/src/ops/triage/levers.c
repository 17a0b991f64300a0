/* What operators have set in the table `settings`, and whether anybody can obey it. */
#include <string.h>

#include "base/buf.h"
#include "config/levers.h"
#include "ops/triage/judge.h"

enum lever_column { KEY, VALUE, VERSION, EXPIRES_IN_MS, EXPIRES_AT, SINCE };

static bool is_over(const struct look *look, int row)
{
    const char *left = look_cell(look, ASK_LEVERS, row, EXPIRES_IN_MS);
    return left && strcmp(left, "0") == 0;
}

/* NULL: every process obeys it. */
static const char *lever_problem(struct judge *judge, int row)
{
    enum lever lever;
    int64_t value;
    struct err err;
    if (!lever_find(look_cell(judge->look, ASK_LEVERS, row, KEY), &lever))
        return "there is no such lever";
    return lever_parse(lever, look_cell(judge->look, ASK_LEVERS, row, VALUE), &value, &err)
               ? NULL
               : arena_strdup(judge->arena, err.text);
}

static void lever_invalid(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf lines = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_LEVERS))
        return;
    for (int row = 0; row < look_rows(look, ASK_LEVERS); row++) {
        const char *problem = is_over(look, row) ? NULL : lever_problem(judge, row),
                   *key = look_cell(look, ASK_LEVERS, row, KEY);
        if (!problem)
            continue;
        buf_printf(&lines, "%s%.60s = %.60s, which nobody obeys: %s", lines.len ? "; " : "", key,
                   look_cell(look, ASK_LEVERS, row, VALUE), problem);
        add_word(verdict, "key", key);
    }
    if (lines.len)
        say_lesser(judge, verdict, "%s", lines.text);
    else
        say_ok(judge, verdict, "all that are set are obeyed");
}

/* A pause for which jobs wait is queue_paused. */
static bool is_told_already(struct judge *judge, const char *key)
{
    enum lever lever;
    return lever_find(key, &lever) && lever_is_pause(lever) && is_found(judge, "queue_paused");
}

static void lever_left_on(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf lines = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_LEVERS))
        return;
    for (int row = 0; row < look_rows(look, ASK_LEVERS); row++) {
        const char *key = look_cell(look, ASK_LEVERS, row, KEY);
        if (look_cell(look, ASK_LEVERS, row, EXPIRES_IN_MS) || lever_problem(judge, row) || is_told_already(judge, key))
            continue;
        buf_printf(&lines, "%s%s = %s since %s", lines.len ? "; " : "", key, look_cell(look, ASK_LEVERS, row, VALUE),
                   look_cell(look, ASK_LEVERS, row, SINCE));
        add_word(verdict, "key", key);
    }
    if (lines.len)
        say_warning(judge, verdict, "%s: without an end", lines.text);
    else
        say_ok(judge, verdict, "none is set without an end");
}

const struct check lever_checks[] = {
    {"lever_invalid", NEED_DATABASE, lever_invalid, {"schema_damaged", "rights_missing"}},
    {"lever_left_on", NEED_DATABASE, lever_left_on, {NULL}},
    {0},
};
