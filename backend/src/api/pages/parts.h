/* Pieces of a page's HTML, and what they are made of. Every text comes as it is, and is escaped
 * here. */
#ifndef PW_API_PAGES_PARTS_H
#define PW_API_PAGES_PARTS_H

#include <jansson.h>

#include "api/pages/words.h"
#include "base/buf.h"

/* ---- members of answers ---- */

const char *data_text(const json_t *object, const char *name); /* "" where it is no text */
/* `missing` where it is no number */
int64_t data_number(const json_t *object, const char *name, int64_t missing);

/* ---- addresses ---- */

/* Where somebody without an account signs up first and goes on at `next`. */
const char *signup_address(struct arena *, const char *next);

/* ---- elements ---- */

/* An element with the page's own words; `class` NULL: none. */
void part_words(struct buf *, const char *tag, const char *class, const char *words);
/* An element with what somebody wrote: of its own direction and its own language, "" where that
 * isn't known. */
void part_said(struct buf *, const char *tag, const char *class, const char *said, const char *language);
/* The page's heading, which takes the focus after a navigation. */
void part_heading(struct buf *, const char *words);
/* A link with the page's own words. */
void part_link(struct buf *, const char *class, const char *address, const char *words);
/* How many there are, in a word that counts; nothing where there are none. */
void part_counted(struct buf *, enum language, enum word, int64_t count);
/* The day of a time; nothing where it is none. */
void part_day(struct buf *, enum language, const char *time);
/* How a post or reply came about: from its member authored_by. */
void part_provenance(struct buf *, enum language, const json_t *post);
/* A persona's mark, as web/src/parts/mark.tsx draws it. */
void part_mark(struct buf *, enum language, const char *id, const char *name);
/* Who wrote a post or reply, with the persona's mark, how, and when: from its members persona_id,
 * persona_name, persona_slug, language, authored_by and created_at. */
void part_author(struct buf *, enum language, const json_t *post);

#endif
