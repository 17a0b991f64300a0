#include "ops/triage/pressure.h"

#include <string.h>

#include "config/levers.h"

enum { FACTOR = 4 };

static const struct placeholder_word {
    const char *text, *instead;
} tighter = {"{tighter}", "TIGHTER"}, longer = {"{longer}", "LONGER"};

bool pressure_is(const char *placeholder)
{
    return strncmp(placeholder, tighter.text, strlen(tighter.text)) == 0 ||
           strncmp(placeholder, longer.text, strlen(longer.text)) == 0;
}

/* What an operator has set it to; false: nothing, or the database doesn't say. */
static bool set_to(const struct look *look, const char *key, enum lever lever, int64_t *value)
{
    enum { KEY, VALUE, VERSION, EXPIRES_IN_MS };
    struct err ignored;
    for (int row = 0; row < look_rows(look, ASK_LEVERS); row++) {
        const char *left = look_cell(look, ASK_LEVERS, row, EXPIRES_IN_MS);
        if (strcmp(look_cell(look, ASK_LEVERS, row, KEY), key) == 0 && !(left && strcmp(left, "0") == 0))
            return lever_parse(lever, look_cell(look, ASK_LEVERS, row, VALUE), value, &ignored);
    }
    return false;
}

static bool is_tighter(struct rate a, struct rate b)
{
    return (double)a.count * (double)b.window < (double)b.count * (double)a.window;
}

/* Once in four times the time, where a quarter of a count would be none. */
static struct rate quarter(struct rate rate)
{
    return rate.count >= FACTOR ? (struct rate){rate.count / FACTOR, rate.window}
                                : (struct rate){1, rate.window * FACTOR / rate.count};
}

/* The tightest or longest that may be in force. The services may be configured otherwise than this
 * shell, so the default counts, too. */
static int64_t strongest_of(const struct look *look, const char *key, enum lever lever)
{
    int64_t known[3] = {lever_default(lever), lever_configured(lever, look->options->config)}, strongest = known[0];
    int count = 2 + set_to(look, key, lever, &known[2]);
    for (int i = 1; i < count; i++)
        if (lever_is_rate(lever) ? is_tighter(lever_unpack(known[i]), lever_unpack(strongest)) : known[i] > strongest)
            strongest = known[i];
    return strongest;
}

/* NULL: it can't be set so. */
static const char *settable(const struct look *look, enum lever lever, int64_t value)
{
    int64_t ignored;
    struct err err;
    char text[LEVER_TEXT];
    const char *written = lever_format(lever, value, text);
    return lever_parse(lever, written, &ignored, &err) ? arena_strdup(look->arena, written) : NULL;
}

static const char *value_for(const struct look *look, const char *key)
{
    enum lever lever;
    if (!lever_find(key, &lever))
        return NULL;
    int64_t strongest = strongest_of(look, key, lever);
    if (!lever_is_rate(lever))
        return settable(look, lever, FACTOR * strongest);
    struct rate rate = lever_unpack(strongest);
    const char *value = settable(look, lever, lever_pack(quarter(rate)));
    /* some times can't be four times as long */
    return value || rate.count == 1 ? value : settable(look, lever, lever_pack((struct rate){1, rate.window}));
}

const char *pressure_filled(const struct look *look, const char *command)
{
    const char *at = strstr(command, tighter.text);
    const struct placeholder_word *word = at ? &tighter : &longer;
    if (!at && !(at = strstr(command, longer.text)))
        return command;
    const char *key = at - 1;
    while (key > command && key[-1] != ' ')
        key--;
    const char *value = value_for(look, arena_copy(look->arena, key, (size_t)(at - 1 - key)));
    return arena_printf(look->arena, "%.*s%s%s", (int)(at - command), command, value ? value : word->instead,
                        at + strlen(word->text));
}
