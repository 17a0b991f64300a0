/* A setting: its kind, its bounds, and how a value of it is read and written. Pure.
 *
 * A value is a text as an operator writes it, "15s" or "120/1m", and lies in memory as a member
 * of struct config: milliseconds for durations, the index for choices, struct rate for rates.
 */
#ifndef PW_CONFIG_SETTING_H
#define PW_CONFIG_SETTING_H

#include "base/duration.h"
#include "config/rate.h"

enum kind { TEXT, NUMBER, DURATION, BOOLEAN, CHOICE, FRACTION, RATE };

struct setting {
    const char *name;
    enum kind kind;
    size_t at;                /* offset in struct config */
    const char *default_text; /* as it would be written; "" where there is none */
    int64_t min, max;
    const char *const *choices; /* ends with NULL; the value is its index */
    const char *help;
    /* checks a text that isn't empty: returns NULL, or "must ..." without quoting the text. NULL:
     * no check */
    const char *(*problem)(const char *text);
};

/* Reads the text into the member at `at`; false: it can't be read, or is out of bounds. */
bool setting_read(const struct setting *, const char *text, void *at) MUST_CHECK;

/* Writes the member at `at` as an operator would, in the largest unit that divides the value. Not
 * for texts and fractions. Returns `out` or a constant text: read what is returned, not `out`. */
enum { SETTING_SIZE = 128 };
const char *setting_write(const struct setting *, const void *at, char out[static SETTING_SIZE]);

/* What a value may be, "1 to 65535" or "mock, openai"; and the same as the end of the sentence
 * "X must be …", in `out`. Bounds may be a constant text instead: read what is returned. Neither
 * shows a value: it may be a secret. */
const char *setting_bounds(const struct setting *, char out[static SETTING_SIZE]);
const char *setting_form(const struct setting *, char out[static SETTING_SIZE]);

#endif
