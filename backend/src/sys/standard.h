/* The standard streams of a process: there from its start, and checked at its end. */
#ifndef PW_SYS_STANDARD_H
#define PW_SYS_STANDARD_H

/* First thing in main. A process that was started with one of them closed would open something else
 * in its place, like a database's connection, and write its log there. It gets one that reads
 * nothing, and where nothing can be written but what nobody misses: errors. */
void standard_open(void);

/* Last thing of a command. Returns `code`; where what was printed could not be written, a line
 * says so and 0 becomes 1. */
int standard_end(int code);

#endif
