/* `personaworlds migrate [--status]`: applies the migrations that the database lacks, or lists
 * them. */
#ifndef PW_OPS_MIGRATE_MIGRATE_COMMAND_H
#define PW_OPS_MIGRATE_MIGRATE_COMMAND_H

int migrate_main(int argc, char **argv); /* the process's exit code */

#endif
