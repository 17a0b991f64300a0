/* `personaworlds roles`: the database's roles and their rights (service/rights.h), as SQL or
 * done. */
#ifndef PW_OPS_ROLES_ROLES_H
#define PW_OPS_ROLES_ROLES_H

/* `roles [--apply]`; the process's exit code: 0; 1: not done; 3 for a wrong command line; 4: the
 * database couldn't be asked */
int roles_main(int argc, char **argv);

#endif
