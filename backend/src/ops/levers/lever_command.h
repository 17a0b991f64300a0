/* `personaworlds settings`: the levers of the running services, in the database
 * (config/levers.h). */
#ifndef PW_OPS_LEVERS_LEVER_COMMAND_H
#define PW_OPS_LEVERS_LEVER_COMMAND_H

/* the process's exit code: 0, 1 where the database refuses, 3 for a wrong command line */
int settings_main(int argc, char **argv);

#endif
