/* By what processes can be compared from outside, without anything that is worth knowing: which
 * database they have, and which secret they sign with. Two gauges, 0 where it isn't known. */
#ifndef PW_SERVICE_MARKS_H
#define PW_SERVICE_MARKS_H

/* once per process, before any thread */
void marks_begin(void);

/* `server` and `born` are health/ready's. `secret` NULL: the process has none. The mark of a secret
 * is a part of its hash together with `born`, which only the database tells: who reads metrics
 * alone would have to guess both. */
void marks_set(const char *server, const char *born, const char *secret);

/* What `service_database_mark` is for this database. */
double mark_of_database(const char *server, const char *born);

#endif
