/* Everything on one machine: database, schema, first data, API and worker, until Ctrl-C. */
#ifndef PW_OPS_UP_UP_H
#define PW_OPS_UP_UP_H

int up_main(int argc, char **argv); /* `up [--demo] [--port N]` */

#endif
