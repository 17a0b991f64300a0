/* The command line of a command: its actions, its options, and the words beside them.
 *
 * A command declares them as tables, and command_line_read does the rest. Options may stand in any
 * place, as "--for 30m" or "--for=30m"; one with a value stands there once, unless its kind says
 * otherwise. --help wins over all else, in any place: the usage goes to stdout. After a wrong word
 * the usage goes to stderr behind the reason; after a wrong value the reason stands alone.
 */
#ifndef PW_OPS_SHARED_COMMAND_LINE_H
#define PW_OPS_SHARED_COMMAND_LINE_H

#include <stdio.h>

#include "base/arena.h"
#include "ops/shared/exit_codes.h"

/* What follows an option, and what its `value` points to. */
enum option_kind {
    OPTION_SWITCH,    /* nothing; bool */
    OPTION_TEXT,      /* any text; const char * */
    OPTION_DURATION,  /* `least` to `most` milliseconds; int64_t */
    OPTION_ADDRESS,   /* http://host:port; const char * */
    OPTION_ADDRESSES, /* the same, once for each; struct addresses */
};

/* An option of a command. */
struct option {
    const char *name; /* "--for"; NULL ends the table */
    enum option_kind kind;
    void *value;         /* stays as it is where the option isn't given */
    const char *actions; /* the actions that take it: "retry cancel"; NULL: all */
    /* an example, for the message about a wrong value; NULL: a switch or a text, of which no value
     * is wrong */
    const char *like;
    int64_t least, most; /* of a duration, in ms */
};

/* How long something holds that an operator set: 1s to 720h. */
#define OPTION_HOLDS .kind = OPTION_DURATION, .least = SECOND, .most = 720 * HOUR

/* What a command with several actions can do. */
struct action {
    const char *name;                              /* NULL ends the table */
    int least, most;                               /* words behind it */
    int (*run)(void *request, struct err *reason); /* a database_work (ops/shared/database.h) */
    const char *does;                              /* a line of the usage; NULL: the text names it */
};

/* A command as it is declared, and as it was called. */
struct command_line {
    const char *command;          /* "queue"; NULL: the program itself */
    const char *usage;            /* how the usage begins, */
    void (*print_list)(FILE *);   /* goes on (NULL: doesn't) */
    const char *usage_end;        /* and ends (NULL: doesn't) */
    const struct option *options; /* NULL: none */
    const struct action *actions; /* NULL: none; the first word names one */
    int most;                     /* words of a command without actions */
    struct arena *arena;          /* for addresses; NULL where no option has any */

    /* what command_line_read found */
    const struct action *action;
    const char *const *words; /* neither action nor option */
    int count;
};

/* Reads the words behind argv[0], whose order it changes. False: the command ends with `*code`, and
 * has said all that is to be said. */
bool command_line_read(struct command_line *, int argc, char **argv, int *code) MUST_CHECK;

/* For words that only the command itself can judge: the reason and the usage on stderr. Returns
 * EXIT_USAGE. */
int command_line_wrong_word(const struct command_line *, const char *what, const char *word);
/* The same for a value: the reason alone. */
int command_line_wrong_value(const struct command_line *, const char *reason);

/* The usage, as --help has it. */
void command_line_print_usage(const struct command_line *, FILE *);
/* Whether one of the words behind argv[0] is --help. */
bool command_line_asks_for_help(int argc, char **argv);

#endif
