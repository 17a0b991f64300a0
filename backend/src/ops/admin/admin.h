/* `personaworlds admin`: who is an administrator. Each change is recorded in the table
 * administrator_changes: whose, when, and by which user of which host. */
#ifndef PW_OPS_ADMIN_ADMIN_H
#define PW_OPS_ADMIN_ADMIN_H

/* the process's exit code: 0; 1: there is no such user; 3 for a wrong command line; 4: the database
 * couldn't be asked */
int admin_main(int argc, char **argv);

#endif
