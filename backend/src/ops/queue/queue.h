/* `personaworlds queue`: what the jobs' queue holds, and what an operator does with it. */
#ifndef PW_OPS_QUEUE_QUEUE_H
#define PW_OPS_QUEUE_QUEUE_H

/* the process's exit code: 0; 1: drain ran out of time; 3 for a wrong command line; 4: the
 * database couldn't be asked */
int queue_main(int argc, char **argv);

#endif
