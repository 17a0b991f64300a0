#include "domain/profanity.h"

#include "base/text.h"

/* Compared with case and accents folded away, so that "AMCIK", "amcık" and "amcik" are one row.
 * Ends with NULL. */
static const char *const folded_words[] = {"arsehole",
                                           "arseholes",
                                           "asshole",
                                           "assholes",
                                           "bitch",
                                           "bitches",
                                           "bitching",
                                           "bitchy",
                                           "bullshit",
                                           "cocksucker",
                                           "cocksuckers",
                                           "cunt",
                                           "cunts",
                                           "dick",
                                           "dickhead",
                                           "dickheads",
                                           "dicks",
                                           "dipshit",
                                           "faggot",
                                           "faggots",
                                           "fuck",
                                           "fucked",
                                           "fucker",
                                           "fuckers",
                                           "fuckin",
                                           "fucking",
                                           "fucks",
                                           "horseshit",
                                           "motherfucker",
                                           "motherfuckers",
                                           "motherfucking",
                                           "nigger",
                                           "niggers",
                                           "shit",
                                           "shithead",
                                           "shits",
                                           "shitting",
                                           "shitty",
                                           "slut",
                                           "sluts",
                                           "twat",
                                           "twats",
                                           "wanker",
                                           "wankers",
                                           "whore",
                                           "whores",

                                           "amcigi",
                                           "amcik",
                                           "amciklar",
                                           "amina koyarim",
                                           "amina koyayim",
                                           "amina koydugum",
                                           "amina koydugumun",
                                           "amina koydum",
                                           "amina koyim",
                                           "aminakoyayim",
                                           "aminakoyim",
                                           "amk",
                                           "amq",
                                           "amugakoyim",
                                           "boktan",
                                           "dalyarak",
                                           "dalyarrak",
                                           "gavat",
                                           "gotlek",
                                           "gotveren",
                                           "gotverenler",
                                           "hasiktir",
                                           "hassiktir",
                                           "ibne",
                                           "ibneler",
                                           "ibnelik",
                                           "kahpe",
                                           "kahpeler",
                                           "kaltak",
                                           "kaltaklar",
                                           "kancik",
                                           "kevase",
                                           "orosbu",
                                           "orospu",
                                           "orospular",
                                           "orospuluk",
                                           "orospunun",
                                           "orospusu",
                                           "pezevenk",
                                           "pezevenkler",
                                           "pezevengi",
                                           "piclik",
                                           "sicayim",
                                           "sicmak",
                                           "sicmis",
                                           "sikecegim",
                                           "sikecek",
                                           "sikerim",
                                           "sikerler",
                                           "sikeyim",
                                           "sikicem",
                                           "sikismek",
                                           "sikmek",
                                           "surtuk",
                                           "surtukler",
                                           "tasak",
                                           "tasakli",
                                           "tasaklar",
                                           "yarragi",
                                           "yarragim",
                                           "yarragimi",
                                           "yarrak",
                                           "yarraklar",
                                           "yavsak",
                                           "yavsaklar",
                                           "yavsaklik",
                                           NULL};

/* Compared with accents kept, since without them these are innocent words: "şık" (chic), "sık"
 * (often), "sıktı" (bored), "öç" (revenge), "sökük" (a seam come undone), "got", "pic", "gotos",
 * "pust". Ends with NULL. */
static const char *const accented_words[] = {
    "göt",       "göte",    "götler",  "götoş",     "götten",   "götü",     "götüm",      "götün",    "götüne",
    "oç",        "piç",     "piçin",   "piçler",    "pıç",      "puşt",     "puştlar",    "puştluk",  "sik",
    "siki",      "sikik",   "sikim",   "sikime",    "sikimde",  "sikin",    "sikine",     "sikiş",    "sikişti",
    "sikişiyor", "sikiyim", "sikiyor", "sikiyorum", "sikti",    "siktigim", "siktigimin", "siktiğim", "siktiğimin",
    "siktiler",  "siktim",  "siktir",  "siktirgit", "siktirin", "siktirip", "siktirsin",  "sokuk",    NULL};

static bool says_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (text_has_words(text, *words))
            return true;
    return false;
}

bool profanity_said(const char *text)
{
    struct arena *arena = arena_new();
    bool said =
        says_any(text_fold(arena, text), folded_words) || says_any(text_fold_turkish(arena, text), accented_words);
    arena_free(arena);
    return said;
}
