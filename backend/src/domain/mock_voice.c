#include "domain/mock_voice.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "domain/content.h"
#include "domain/fallback.h"

/* What a wording can mention. A part is left out where there is nothing to mention or where it
 * would break a rule (a link in a name, say); the first in this list is given up last. */
enum part { ALWAYS, PERSONA, ROOM, PHRASE, ABOUT, POST, COUNTS, REPLIES, PARTS };
enum { MAX_PIECES = 7, MAX_PREVIEW = 80, ANY_VARIANT = 0 };

/* "{}" stands for the part. */
struct piece {
    enum part part;
    const char *text;
};

static const struct wording {
    enum llm_operation operation;
    enum language language;
    int variant;
    struct piece pieces[MAX_PIECES]; /* ends with a NULL text */
} wordings[] = {
    {LLM_POST_DRAFT,
     LANGUAGE_EN,
     1,
     {{PERSONA, "{} here: "},
      {ABOUT, "About “{}”: "},
      {ALWAYS, "The cheapest win"},
      {ROOM, " in {}"},
      {ALWAYS,
       " is a small step that people can feel, measured before the next one. Which number would you watch first"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_EN,
     1,
     {{PERSONA, "{} here: "},
      {ABOUT, "About “{}”: "},
      {ALWAYS, "Write down what would change your mind before you start"},
      {ROOM, " anything in {}"},
      {ALWAYS, ", and the result will teach you something either way. What was your last surprise"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_EN,
     2,
     {{PERSONA, "{} speaking: "},
      {ABOUT, "About “{}”: "},
      {ALWAYS, "Most trouble"},
      {ROOM, " in {}"},
      {ALWAYS, " begins where nobody owns a decision, so name one owner and one date. Who decides in your team"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_EN,
     2,
     {{PERSONA, "{} speaking: "},
      {ABOUT, "About “{}”: "},
      {ALWAYS, "Remove one thing"},
      {ROOM, " from {}"},
      {ALWAYS, " before adding another, as the simpler version shows the real problem. What would you delete today"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_TR,
     1,
     {{PERSONA, "Ben {}: "},
      {ABOUT, "“{}” üzerine: "},
      {ALWAYS, "Bu odada"},
      {ROOM, " ({})"},
      {ALWAYS, " en ucuz kazanç, insanların hissettiği ve ölçülen küçük bir adımdır. Siz önce hangi sayıya bakardınız"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_TR,
     1,
     {{PERSONA, "Ben {}: "},
      {ABOUT, "“{}” üzerine: "},
      {ALWAYS, "Başlamadan önce fikrinizi neyin değiştireceğini yazın"},
      {ROOM, " ({})"},
      {ALWAYS, ", sonuç her durumda bir şey öğretir. Sizi en son ne şaşırttı"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_TR,
     2,
     {{PERSONA, "{} olarak söylüyorum: "},
      {ABOUT, "“{}” üzerine: "},
      {ALWAYS, "Sorunların çoğu"},
      {ROOM, " ({})"},
      {ALWAYS, " kararın sahibi olmadığında başlar; bir kişi ve bir tarih belirleyin. Sizin ekipte kim karar veriyor"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},
    {LLM_POST_DRAFT,
     LANGUAGE_TR,
     2,
     {{PERSONA, "{} olarak söylüyorum: "},
      {ABOUT, "“{}” üzerine: "},
      {ALWAYS, "Yenisini eklemeden önce bir şeyi çıkarın"},
      {ROOM, " ({})"},
      {ALWAYS, ", sade hali asıl sorunu gösterir. Bugün neyi silerdiniz"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "?"}}},

    {LLM_REPLY,
     LANGUAGE_EN,
     ANY_VARIANT,
     {{PERSONA, "{} here: "},
      {ALWAYS, "Good point"},
      {ROOM, " for {}"},
      {ALWAYS, "; I would try it on one real case first and share what broke"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
    {LLM_REPLY,
     LANGUAGE_EN,
     ANY_VARIANT,
     {{PERSONA, "{} here: "},
      {ALWAYS, "I see it a little differently"},
      {ROOM, " in {}"},
      {ALWAYS, "; the cost shows up later, so agree on a check now"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
    {LLM_REPLY,
     LANGUAGE_TR,
     ANY_VARIANT,
     {{PERSONA, "Ben {}: "},
      {ALWAYS, "Güzel bir nokta"},
      {ROOM, " ({})"},
      {ALWAYS, "; önce tek bir gerçek örnekte dener, neyin bozulduğunu paylaşırdım"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
    {LLM_REPLY,
     LANGUAGE_TR,
     ANY_VARIANT,
     {{PERSONA, "Ben {}: "},
      {ALWAYS, "Biraz farklı düşünüyorum"},
      {ROOM, " ({})"},
      {ALWAYS, "; bedeli sonradan çıkar, şimdiden bir ölçüt belirleyelim"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},

    {LLM_THREAD_SUMMARY,
     LANGUAGE_EN,
     ANY_VARIANT,
     {{ALWAYS, "The thread"},
      {PERSONA, " that {} opened"},
      {ROOM, " in {}"},
      {ALWAYS, " sets out one idea"},
      {POST, ": “{}”"},
      {ALWAYS, "."},
      {REPLIES, " It has {} about the gain and the cost."}}},
    {LLM_THREAD_SUMMARY,
     LANGUAGE_EN,
     ANY_VARIANT,
     {{ALWAYS, "This discussion"},
      {PERSONA, ", begun by {},"},
      {ROOM, " in {}"},
      {ALWAYS, " looks at a single question"},
      {POST, ": “{}”"},
      {ALWAYS, "."},
      {REPLIES, " It drew {} so far, with the reasons given."}}},
    {LLM_THREAD_SUMMARY,
     LANGUAGE_TR,
     ANY_VARIANT,
     {{ALWAYS, "Bu başlık"},
      {PERSONA, " ({})"},
      {ROOM, " ({})"},
      {ALWAYS, " tek bir fikri ele alıyor"},
      {POST, ": “{}”"},
      {ALWAYS, "."},
      {REPLIES, " Gelen {} kazancı ve bedeli tartıyor."}}},
    {LLM_THREAD_SUMMARY,
     LANGUAGE_TR,
     ANY_VARIANT,
     {{ALWAYS, "Bu tartışma"},
      {PERSONA, " ({})"},
      {ROOM, " ({})"},
      {ALWAYS, " bir soruya bakıyor"},
      {POST, ": “{}”"},
      {ALWAYS, "."},
      {REPLIES, " Şimdiye kadar {} geldi, iki yönde de görüş var."}}},

    {LLM_ACTIVITY_SUMMARY,
     LANGUAGE_EN,
     ANY_VARIANT,
     {{PERSONA, "{}: "},
      {ALWAYS, "The day closed"},
      {COUNTS, " with {}"},
      {ROOM, ", most of it in {}"},
      {POST, ", around “{}”"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
    {LLM_ACTIVITY_SUMMARY,
     LANGUAGE_EN,
     ANY_VARIANT,
     {{PERSONA, "{}: "},
      {ALWAYS, "Here is what happened"},
      {COUNTS, ", {}"},
      {ROOM, ", mainly in {}"},
      {POST, ", about “{}”"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
    {LLM_ACTIVITY_SUMMARY,
     LANGUAGE_TR,
     ANY_VARIANT,
     {{PERSONA, "{}: "},
      {ALWAYS, "Gün kapandı"},
      {COUNTS, ", toplam {}"},
      {ROOM, "; çoğu şu odada: {}"},
      {POST, ", konu “{}”"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
    {LLM_ACTIVITY_SUMMARY,
     LANGUAGE_TR,
     ANY_VARIANT,
     {{PERSONA, "{}: "},
      {ALWAYS, "Bugün olanlar"},
      {COUNTS, ", {}"},
      {ROOM, "; daha çok şu odada: {}"},
      {POST, ", başlık “{}”"},
      {PHRASE, " (“{}”)"},
      {ALWAYS, "."}}},
};

/* The texts where do_not_say forbids every wording; the lists of the two variants have nothing in
 * common. */
static const char *const wordless[][3] = {{"👍", "💡", "…"}, {"💬", "✨", "—"}};

struct speaker {
    const struct brief *brief;
    enum language language;
    struct arena *arena;
    const char *parts[PARTS]; /* NULL: left out */
};

/* The summary of a thread has no persona, so letters that only Turkish uses decide the language. */
static enum language language_of(const struct brief *brief)
{
    static const char *const turkish_letters[] = {"ğ", "ı", "ş", "Ğ", "İ", "Ş"};
    for (size_t i = 0; brief->operation == LLM_THREAD_SUMMARY && i < COUNT(turkish_letters); i++)
        if (strstr(brief->post.content, turkish_letters[i]))
            return LANGUAGE_TR;
    return brief->operation == LLM_THREAD_SUMMARY ? LANGUAGE_EN : brief->persona.language;
}

static bool may_say(const struct speaker *speaker, const char *text)
{
    const struct brief *brief = speaker->brief;
    size_t max = brief->max_chars > 0 ? (size_t)brief->max_chars : SIZE_MAX;
    struct texts forbidden = brief->persona.do_not_say;
    return !content_check(text, max) && content_links(text) == 0 &&
           !content_said(text, forbidden.items, forbidden.count);
}

/* The text as one line, or NULL where it would break a rule. */
static const char *sayable(const struct speaker *speaker, const char *text)
{
    const char *line = text_preview(speaker->arena, text, MAX_PREVIEW);
    return may_say(speaker, line) ? line : NULL;
}

static const char *reply_count(const struct speaker *speaker)
{
    int count = speaker->brief->reply_count;
    const char *noun = speaker->language == LANGUAGE_TR ? "yanıt" : count == 1 ? "reply" : "replies";
    return count > 0 ? arena_printf(speaker->arena, "%d %s", count, noun) : "";
}

static void gather_parts(struct speaker *speaker)
{
    const struct brief *brief = speaker->brief;
    bool of_thread = brief->operation == LLM_THREAD_SUMMARY;
    bool of_day = brief->operation == LLM_ACTIVITY_SUMMARY && brief->top_thread_count > 0;
    const char *texts[PARTS] = {
        [PERSONA] = of_thread ? brief->post.author : brief->persona.name,
        [ROOM] = of_day ? brief->top_threads[0].room_name : brief->room_name,
        [PHRASE] = brief->persona.catchphrases.count > 0 ? brief->persona.catchphrases.items[0] : "",
        [ABOUT] = brief->about,
        [POST] = of_day ? brief->top_threads[0].post_preview : brief->post.content,
        [COUNTS] = activity_counts(brief, speaker->language, speaker->arena),
        [REPLIES] = reply_count(speaker),
    };
    speaker->parts[ALWAYS] = "";
    for (int part = PERSONA; part < PARTS; part++)
        speaker->parts[part] = sayable(speaker, texts[part]);
}

/* The first part has the highest bit, so that masks counted down give up the last parts first. */
static unsigned bit(enum part part)
{
    return 1u << (PARTS - 1 - part);
}

static unsigned available_parts(const struct speaker *speaker)
{
    unsigned mask = 0;
    for (enum part part = PERSONA; part < PARTS; part++)
        mask |= speaker->parts[part] ? bit(part) : 0;
    return mask;
}

/* The wording with the parts that `mask` has, or NULL where that breaks a rule. */
static char *spoken(const struct speaker *speaker, const struct wording *wording, unsigned mask)
{
    struct buf out = buf_new(speaker->arena);
    for (const struct piece *piece = wording->pieces; piece < wording->pieces + MAX_PIECES && piece->text; piece++) {
        bool wanted = piece->part == ALWAYS || (mask & bit(piece->part));
        const char *part = speaker->parts[piece->part], *slot = strstr(piece->text, "{}");
        if (!wanted)
            continue;
        buf_add(&out, piece->text, slot ? (size_t)(slot - piece->text) : strlen(piece->text));
        buf_str(&out, part);
        buf_str(&out, slot ? slot + strlen("{}") : "");
    }
    return may_say(speaker, out.text) ? out.text : NULL;
}

static bool suits(const struct wording *wording, const struct speaker *speaker)
{
    return wording->operation == speaker->brief->operation && wording->language == speaker->language &&
           (wording->variant == ANY_VARIANT || wording->variant == speaker->brief->variant);
}

/* FNV-1a: the same persona says different things in different threads, and always the same in
 * one. */
static uint32_t hash(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

/* The suitable wordings, the one that the brief's texts choose first; their number. */
static size_t choose_wordings(const struct speaker *speaker, const struct wording *chosen[static COUNT(wordings)])
{
    const struct brief *brief = speaker->brief;
    uint32_t seed = hash(hash(hash(2166136261u, brief->persona.name), brief->room_name), brief->post.content);
    size_t count = 0, rotated = 0;
    const struct wording *suitable[COUNT(wordings)];
    for (size_t i = 0; i < COUNT(wordings); i++)
        if (suits(&wordings[i], speaker))
            suitable[count++] = &wordings[i];
    for (; rotated < count; rotated++)
        chosen[rotated] = suitable[(rotated + seed) % count];
    return count;
}

static char *without_words(const struct speaker *speaker)
{
    const char *const *choices = wordless[speaker->brief->variant > 1];
    size_t i = 0;
    while (i < COUNT(wordless[0]) - 1 && !may_say(speaker, choices[i]))
        i++;
    return arena_strdup(speaker->arena, choices[i]);
}

static char *first_sayable(const struct speaker *speaker, const struct wording *const *chosen, size_t count,
                           unsigned mask)
{
    char *text = NULL;
    for (size_t i = 0; i < count && !text; i++)
        text = spoken(speaker, chosen[i], mask);
    return text;
}

char *mock_voice(const struct brief *brief, struct arena *arena)
{
    struct speaker speaker = {.brief = brief, .language = language_of(brief), .arena = arena};
    const struct wording *chosen[COUNT(wordings)];
    size_t count = choose_wordings(&speaker, chosen);
    gather_parts(&speaker);
    unsigned all = available_parts(&speaker);
    char *text = first_sayable(&speaker, chosen, count, all);
    for (unsigned mask = all; !text && mask > 0;) {
        mask = (mask - 1) & all; /* the next smaller subset of the parts */
        text = first_sayable(&speaker, chosen, count, mask);
    }
    return text ? text : without_words(&speaker);
}
