/* Covers: config/setting.c base/duration.c */
#include "config/setting.h"
#include "fuzz.h"

static const char *const colours[] = {"red", "green", NULL};

static const struct setting kinds[] = {
    {.name = "T", .kind = TEXT},
    {.name = "N", .kind = NUMBER, .min = -5, .max = 70000},
    {.name = "A", .kind = NUMBER, .min = INT64_MIN, .max = INT64_MAX},
    {.name = "D", .kind = DURATION, .min = 10, .max = HOUR},
    {.name = "B", .kind = BOOLEAN},
    {.name = "C", .kind = CHOICE, .choices = colours},
    {.name = "F", .kind = FRACTION, .min = 0, .max = 1},
    {.name = "R", .kind = RATE, .min = SECOND, .max = HOUR},
};

/* What was read can be written and read again, as the same value. */
static void check_setting(const struct setting *setting, const char *text)
{
    union {
        int64_t number;
        double fraction;
        const char *text;
        struct rate rate;
    } value = {.rate = {0, 0}}, again = {.rate = {0, 0}};
    char out[SETTING_SIZE];
    INVARIANT(*setting_form(setting, out) != '\0' || setting->kind != NUMBER);
    if (!setting_read(setting, text, &value) || setting->kind == TEXT)
        return;
    const char *written = setting_write(setting, &value, out);
    if (setting->kind == FRACTION)
        INVARIANT(value.fraction >= 0 && value.fraction <= 1);
    else
        INVARIANT(setting_read(setting, written, &again) && memcmp(&again, &value, sizeof value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    int64_t ms;
    if (duration_read(text, &ms))
        INVARIANT(ms >= 0 && text[strspn(text, "0123456789.hms")] == '\0');
    for (size_t i = 0; i < COUNT(kinds); i++)
        check_setting(&kinds[i], text);
    arena_free(arena);
    return 0;
}
