/* How operators' commands end. */
#ifndef PW_OPS_SHARED_EXIT_CODES_H
#define PW_OPS_SHARED_EXIT_CODES_H

enum {
    EXIT_FINE = 0,
    EXIT_FINDINGS = 1,
    EXIT_WARNINGS = 2,       /* and no findings */
    EXIT_USAGE = 3,          /* a flag or word that isn't known */
    EXIT_COULD_NOT_LOOK = 4, /* nothing that it asked answered, like a database that is away */
};

#endif
