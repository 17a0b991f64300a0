#include "ops/shared/command_line.h"

#include <string.h>

#include "base/buf.h"
#include "base/duration.h"
#include "ops/shared/addresses.h"

/* ---- what is said ---- */

void command_line_print_usage(const struct command_line *line, FILE *out)
{
    fputs(line->usage, out);
    for (const struct action *action = line->actions; action && action->name; action++)
        if (action->does)
            fprintf(out, "  %-7s %s\n", action->name, action->does);
    if (line->print_list)
        line->print_list(out);
    if (line->usage_end)
        fputs(line->usage_end, out);
}

static void print_name(const struct command_line *line)
{
    fprintf(stderr, "personaworlds%s%s: ", line->command ? " " : "", line->command ? line->command : "");
}

int command_line_wrong_word(const struct command_line *line, const char *what, const char *word)
{
    print_name(line);
    fprintf(stderr, "%s%s\n\n", what, word);
    command_line_print_usage(line, stderr);
    return EXIT_USAGE;
}

int command_line_wrong_value(const struct command_line *line, const char *reason)
{
    print_name(line);
    fprintf(stderr, "%s. Usage: personaworlds %s --help\n", reason, line->command);
    return EXIT_USAGE;
}

static bool wrong_word(const struct command_line *line, const char *what, const char *word, int *code)
{
    *code = command_line_wrong_word(line, what, word);
    return false;
}

/* Never with the value: it may be an address with a password. */
static bool wrong_option_value(const struct command_line *line, const struct option *option, int *code)
{
    char least[32], most[32], limit[32] = "";
    struct err reason;
    duration_write(least, sizeof least, option->least);
    duration_write(most, sizeof most, option->most);
    if (option->kind == OPTION_ADDRESSES)
        snprintf(limit, sizeof limit, ", at most %d of them", ADDRESSES_MAX);
    if (option->kind == OPTION_DURATION)
        fail(&reason, "%s must be a duration like %s, within %s to %s", option->name, option->like, least, most);
    else
        fail(&reason, "%s must be an address like %s%s", option->name, option->like, limit);
    *code = command_line_wrong_value(line, reason.text);
    return false;
}

/* ---- options ---- */

bool command_line_asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

/* Its place in the table; -1: there is no such option. `word` may go on with "=value". */
static int find_option(const struct option *options, const char *word)
{
    size_t len = strcspn(word, "=");
    for (int i = 0; options && options[i].name; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, word, len) == 0)
            return i;
    return -1;
}

static bool read_duration(const struct option *option, const char *text)
{
    int64_t ms;
    if (!duration_read(text, &ms) || ms < option->least || ms > option->most)
        return false;
    *(int64_t *)option->value = ms;
    return true;
}

static bool read_option_value(const struct command_line *line, const struct option *option, const char *text)
{
    switch (option->kind) {
    case OPTION_SWITCH: *(bool *)option->value = true; return true;
    case OPTION_TEXT: *(const char **)option->value = text; return true;
    case OPTION_DURATION: return read_duration(option, text);
    case OPTION_ADDRESS: return (*(const char **)option->value = service_url_read(line->arena, text)) != NULL;
    case OPTION_ADDRESSES: return addresses_add(line->arena, option->value, text);
    }
    return false;
}

/* The options of a call that were read already. */
struct reading {
    char **argv;
    int argc, at;
    uint32_t given; /* a bit for each row of the table */
};

/* Leaves `at` on the option's last word. */
static bool read_option(const struct command_line *line, struct reading *r, int row, int *code)
{
    const struct option *option = &line->options[row];
    const char *equals = strchr(r->argv[r->at], '=');
    bool again = r->given >> row & 1;
    r->given |= UINT32_C(1) << row;
    if (again && option->kind != OPTION_ADDRESSES && option->kind != OPTION_SWITCH)
        return wrong_word(line, "given twice: ", option->name, code);
    if (option->kind == OPTION_SWITCH && equals)
        return wrong_word(line, "no value belongs to ", option->name, code);
    if (option->kind != OPTION_SWITCH && !equals && r->at + 1 == r->argc)
        return wrong_word(line, "a value is missing for ", option->name, code);
    const char *value = equals ? equals + 1 : option->kind == OPTION_SWITCH ? NULL : r->argv[++r->at];
    return read_option_value(line, option, value) || wrong_option_value(line, option, code);
}

/* Moves the words that are no options to the front; `count` of them. */
static bool read_options(const struct command_line *line, struct reading *r, int *count, int *code)
{
    for (r->at = 1; r->at < r->argc; r->at++) {
        char *word = r->argv[r->at];
        int row = find_option(line->options, word);
        if (row < 0 && word[0] == '-')
            return wrong_word(line, "unknown flag ", word, code);
        if (row < 0)
            r->argv[1 + (*count)++] = word;
        else if (!read_option(line, r, row, code))
            return false;
    }
    return true;
}

/* ---- actions ---- */

static bool wrong_action(const struct command_line *line, const char *word, int *code)
{
    struct arena *arena = arena_new();
    struct buf known = buf_new(arena);
    for (const struct action *action = line->actions; action->name; action++)
        buf_printf(&known, "%s%s", action == line->actions ? "" : ", ", action->name);
    const char *what = word ? arena_printf(arena, "unknown command %s", word) : "what to do is missing";
    wrong_word(line, arena_printf(arena, "%s; one of: ", what), known.text, code);
    arena_free(arena);
    return false;
}

static bool takes(const struct action *action, const struct option *option)
{
    size_t len = strlen(action->name);
    for (const char *at = option->actions; at && *at; at += strspn(at, " ")) {
        size_t name_len = strcspn(at, " ");
        if (name_len == len && strncmp(at, action->name, len) == 0)
            return true;
        at += name_len;
    }
    return !option->actions;
}

static bool choose_action(struct command_line *line, uint32_t given, int *code)
{
    const char *name = line->count ? line->words[0] : NULL;
    line->action = line->actions;
    while (name && line->action->name && strcmp(line->action->name, name) != 0)
        line->action++;
    if (!name || !line->action->name)
        return wrong_action(line, name, code);
    for (int i = 0; line->options && line->options[i].name; i++)
        if ((given >> i & 1) && !takes(line->action, &line->options[i]))
            return wrong_word(line, "a flag of another command: ", line->options[i].name, code);
    line->words++;
    line->count--;
    if (line->count < line->action->least || line->count > line->action->most)
        return wrong_word(line, "wrong arguments for ", name, code);
    return true;
}

bool command_line_read(struct command_line *line, int argc, char **argv, int *code)
{
    struct reading reading = {.argv = argv, .argc = argc};
    line->count = 0;
    line->words = (const char *const *)argv + 1;
    if (command_line_asks_for_help(argc, argv)) {
        command_line_print_usage(line, stdout);
        *code = EXIT_FINE;
        return false;
    }
    if (!read_options(line, &reading, &line->count, code))
        return false;
    if (line->actions)
        return choose_action(line, reading.given, code);
    return line->count <= line->most || wrong_word(line, "unknown word ", line->words[line->most], code);
}
