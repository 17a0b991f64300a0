/* How the program's commands end. */
#ifndef PW_OPS_SHARED_EXIT_CODES_H
#define PW_OPS_SHARED_EXIT_CODES_H

enum {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,         /* what was asked for could not be done */
    EXIT_FINDINGS = 1,       /* of commands that look: something is wrong */
    EXIT_WARNINGS = 2,       /* and no findings */
    EXIT_USAGE = 3,          /* a wrong command line */
    EXIT_COULD_NOT_LOOK = 4, /* nothing that it asked answered, like a database that is away */
    EXIT_NO_PROGRAM = 127,   /* of a child: its program could not be run; as shells have it */
};

#endif
