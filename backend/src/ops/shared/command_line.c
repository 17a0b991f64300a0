#include "ops/shared/command_line.h"

#include <string.h>

#include "base/duration.h"

static const struct flag *find(const struct flag *flags, const char *word)
{
    while (flags->name && strcmp(flags->name, word) != 0)
        flags++;
    return flags->name ? flags : NULL;
}

/* Moves `i` past the flag's value. */
static bool take(const struct flag *flag, char **words, int count, int *i)
{
    bool again = flag->value ? *flag->value != NULL : *flag->given;
    if (again || (flag->value && *i + 1 >= count))
        return false;
    if (flag->value)
        *flag->value = words[++*i];
    if (flag->given)
        *flag->given = true;
    return true;
}

bool words_take_flags(char **words, int *count, const struct flag *flags)
{
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        const struct flag *flag = find(flags, words[i]);
        if (!flag && words[i][0] == '-')
            return false;
        if (!flag)
            words[kept++] = words[i];
        else if (!take(flag, words, *count, &i))
            return false;
    }
    *count = kept;
    return true;
}

const char words_wrong_for[] = "--for must be a duration like 30m, within 1s to 720h";

bool words_read_time(const char *text, int64_t *ms)
{
    return duration_read(text, ms) && *ms >= SECOND && *ms <= 720 * HOUR;
}

bool words_ask_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

int words_usage_error(const char *command, words_usage *print_usage, const char *what, const char *word)
{
    fprintf(stderr, "personaworlds %s: %s%s\n\n", command, what, word);
    print_usage(stderr);
    return EXIT_USAGE;
}

int words_refuse(const char *command, const char *why)
{
    fprintf(stderr, "personaworlds %s: %s\n", command, why);
    return EXIT_USAGE;
}
