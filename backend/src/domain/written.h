/* The check of a model's text before it is published in a persona's name: one rule for requests and
 * jobs. Pure. */
#ifndef PW_DOMAIN_WRITTEN_H
#define PW_DOMAIN_WRITTEN_H

#include "domain/brief.h"

enum written { WRITTEN_WELL, WRITTEN_AGAIN, WRITTEN_BADLY };

/* A text passes the content check, keeps to the brief's max_chars and says nothing of the persona's
 * do_not_say. One that fails is written once more (WRITTEN_AGAIN), then given up (WRITTEN_BADLY);
 * `number` counts the texts for this brief, from 1. *wrong: NULL where it passes, else the sentence
 * of the rule it breaks, a static string. */
enum written written_judge(const struct brief *, const char *text, int number, const char **wrong);

#endif
