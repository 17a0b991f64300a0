/* The check of a model's text before it is published in a persona's name: one rule for requests and
 * jobs. Pure. */
#ifndef PW_DOMAIN_WRITTEN_H
#define PW_DOMAIN_WRITTEN_H

#include "domain/brief.h"

enum written { WRITTEN_WELL, WRITTEN_AGAIN, WRITTEN_BADLY };

struct writing {   /* a text that the model gave; times in one unit */
    int number;    /* of the texts for this brief, from 1 */
    uint64_t took; /* from when it was asked for */
    uint64_t left; /* for another one */
};

/* A text passes the content check, keeps to the brief's max_chars and says nothing of the persona's
 * do_not_say. One that fails is written once more (WRITTEN_AGAIN) where as much time is left as it
 * took: a second one would take as long, and is paid for. Else it is given up (WRITTEN_BADLY).
 * *wrong: NULL where it passes, else the sentence of the rule it breaks, a static string. */
enum written written_judge(const struct brief *, const char *text, const struct writing *, const char **wrong);

/* What a request or a job keeps of its whole time to store the text and answer in: half a second,
 * or half of a shorter time. */
uint64_t written_reserve_ms(uint64_t whole_ms);

#endif
