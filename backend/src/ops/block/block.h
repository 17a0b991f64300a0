/* `personaworlds block`: addresses whose requests every API process refuses
 * (api/guard/blocks.h). */
#ifndef PW_OPS_BLOCK_BLOCK_H
#define PW_OPS_BLOCK_BLOCK_H

/* the process's exit code: 0; 3 for a wrong command line, or a network that needs --force; 4:
 * the database couldn't be asked */
int block_main(int argc, char **argv);

#endif
