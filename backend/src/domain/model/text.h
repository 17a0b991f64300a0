/* What a model wrote, apart from how it got there: an answer's content without reasoning, without
 * the tokens of chat templates, and without the fence or the quotes around all of it. Pure.
 *
 * In doubt less is kept, as some texts are published without a human having seen them:
 * - a closed block of reasoning goes wherever it stands, an open one to the end; a lone closing tag
 *   goes with all before it;
 * - a token that ends the model's turn ends the text; what stands in another's turn goes;
 * - a fence, a pair of quotes or an <answer> tag goes where it surrounds the whole text. Inside of
 *   a text they stay.
 */
#ifndef PW_DOMAIN_MODEL_TEXT_H
#define PW_DOMAIN_MODEL_TEXT_H

#include "base/arena.h"

/* `content` is UTF-8. The text is trimmed, in the arena, and "" where nothing is left. */
char *model_text(struct arena *, const char *content);

/* The text of a content that isn't whole yet: nothing of a block that has begun, nor of a tag that
 * may have; "" where only the end tells (a quote or a fence that may surround all, a format that
 * begins with words). It isn't cut, and not always the beginning of the whole text. */
char *model_text_so_far(struct arena *, const char *content);

/* Whether a closing tag stands in the content without an opening one, as where the chat template
 * has opened the block: then nothing before it is text, and a stream can't tell. */
bool model_text_closes_alone(struct arena *, const char *content);

#endif
