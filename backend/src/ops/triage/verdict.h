/* What a check of triage comes to. */
#ifndef PW_OPS_TRIAGE_VERDICT_H
#define PW_OPS_TRIAGE_VERDICT_H

enum check_status { CHECK_OK, CHECK_FINDING, CHECK_UNKNOWN };

/* Of findings: each weight's come after all of the one before. */
enum weight {
    WEIGHT_FULL,
    WEIGHT_LESSER,  /* others do the work */
    WEIGHT_WARNING, /* nothing that users notice */
    WEIGHTS
};

/* What stands for a {placeholder} of the check's commands; several with one name make a command
 * each. */
struct placeholder {
    const char *name, *text;
};

enum { PLACEHOLDERS_MAX = 8 };

struct verdict {
    enum check_status status;
    enum weight weight;
    /* with figures; what wasn't looked at, or what it follows from, where unknown */
    const char *evidence;
    struct placeholder placeholders[PLACEHOLDERS_MAX];
    int placeholder_count;
};

#endif
