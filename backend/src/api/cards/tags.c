#include "api/cards/tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"

enum { SLOTS = 1024, FRESH_MS = 500, ETAG_SIZE = 64 };

struct slot {
    char battle[UUID_SIZE], etag[ETAG_SIZE];
    uint64_t until;
};

struct card_tags {
    struct slot slots[SLOTS];
};

struct card_tags *card_tags_new(void)
{
    return must_calloc(1, sizeof(struct card_tags));
}

void card_tags_free(struct card_tags *tags)
{
    free(tags);
}

const char *card_tag_known(const struct card_tags *tags, const char *battle, uint64_t now)
{
    const struct slot *slot = &tags->slots[text_hash(battle) % SLOTS];
    return now < slot->until && strcmp(slot->battle, battle) == 0 ? slot->etag : NULL;
}

bool card_tag_is_noted(const struct card_tags *tags, const char *battle)
{
    return strcmp(tags->slots[text_hash(battle) % SLOTS].battle, battle) == 0;
}

void card_tag_note(struct card_tags *tags, const char *battle, const char *etag, uint64_t asked)
{
    struct slot *slot = &tags->slots[text_hash(battle) % SLOTS];
    if (strlen(battle) >= sizeof slot->battle || strlen(etag) >= sizeof slot->etag)
        return;
    strcpy(slot->battle, battle);
    strcpy(slot->etag, etag);
    slot->until = asked + (uint64_t)FRESH_MS * NS_PER_MS;
}
