/* Text as people mean it (Unicode, by utf8proc): trimming, folding, cutting. Input is valid
 * UTF-8. */
#ifndef PW_BASE_TEXT_H
#define PW_BASE_TEXT_H

#include "base/arena.h"

/* A copy without white space (the Unicode property) at both ends. */
char *text_trim(struct arena *, const char *text, size_t len);

/* Each character in its lower case, in every script ("Ş" is "ş", "İ" is "i"); accents stay. */
char *text_lower(struct arena *, const char *text);

/* The text in Unicode's normalization form C: "ş" is one code point however it was typed. */
char *text_compose(struct arena *, const char *text);

/* ASCII letters in lower case; everything else stays. */
char *text_lower_ascii(struct arena *, const char *text);

/* Whether the text has a control or format character, or a line or paragraph separator: what people
 * can't see. */
bool text_has_unseen(const char *text);

/* Case and accents folded away, for comparing ("İSTANBUL", "istanbul" and "Istanbul" are the
 * same; so are "ı" and "i", and "’" and "'"). */
char *text_fold(struct arena *, const char *text);

/* Case folded the Turkish way ("I" is "ı", "İ" is "i") with accents kept: for telling "şık" from
 * "sik". */
char *text_fold_turkish(struct arena *, const char *text);

/* Whether the folded `phrase` stands in the folded `text` as whole words. A run of white space
 * in either matches any other. */
bool text_has_words(const char *folded_text, const char *folded_phrase);

/* At most `max` code points; cut at the end of the last sentence that fits, else of the last
 * word, else hard. Never splits a grapheme cluster where it cuts hard. */
char *text_cut(struct arena *, const char *text, size_t max);

/* A text that its writer couldn't end: without what follows its last whole sentence, else without
 * its last word; "" where it has one word. */
char *text_cut_back(struct arena *, const char *text);

/* The text as one line: runs of white space become one blank, control characters are dropped, the
 * ends are trimmed. */
char *text_one_line(struct arena *, const char *text);

/* text_one_line, cut at `max` code points at a word: previews. */
char *text_preview(struct arena *, const char *text, size_t max);

/* At most `max` code points, cut between grapheme clusters wherever that is. A first cluster that
 * is longer (letters under hundreds of marks) is split, as nothing would be left. */
char *text_clip(struct arena *, const char *text, size_t max);

/* The first grapheme cluster that isn't blank, in upper case: "i" is "İ" in Turkish. */
char *text_initial(struct arena *, const char *text, bool is_turkish);

/* For a table in memory (FNV-1a); whoever chooses texts can make them collide. */
uint64_t text_hash(const char *text);

/* ASCII letters in lower case and digits, 64 at most with the hyphens that stand for blanks, "_"
 * and "-" between them; all other characters are dropped. "" where nothing is left. */
char *text_slug(struct arena *, const char *text);

#endif
