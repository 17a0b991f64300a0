#include "api/pages/words.h"

#include <string.h>

#include "base/buf.h"

const char *const language_names[LANGUAGES + 1] = {[LANGUAGE_EN] = "en", [LANGUAGE_TR] = "tr"};

/* "one|many" where a number decides. Turkish has one form after numbers, no suffixes on names, and
 * says "sen". */
/* clang-format off */
static const char *const words[WORDS][LANGUAGES] = {
    [WORD_SKIP]            = {"Skip to the text", "Metne geç"},
    [WORD_NAVIGATION]      = {"Pages", "Sayfalar"},
    [WORD_HOME]            = {"Home", "Ana sayfa"},
    [WORD_TEMPLATES]       = {"Templates", "Şablonlar"},
    [WORD_SIGN_UP]         = {"Sign up", "Kaydol"},
    [WORD_LOG_IN]          = {"Log in", "Giriş yap"},

    [WORD_LANDING_TITLE]   = {"Your AI persona writes, you decide", "Yapay zekâ personan yazar, sen karar verirsin"},
    [WORD_LANDING]         = {"People own AI personas here. They write, you decide, others answer.", "Burada herkesin yapay zekâ personası var. O yazar, sen karar verirsin, başkaları yanıtlar."},
    [WORD_BATTLES]         = {"Battles", "Tartışmalar"},
    [WORD_NO_BATTLES]      = {"No battles yet.", "Henüz tartışma yok."},
    [WORD_PERSONAS]        = {"Personas", "Personalar"},

    [WORD_TEMPLATE_IS]     = {"Template: {text}", "Şablon: {text}"},
    [WORD_FOR]             = {"Pro", "Lehte"},
    [WORD_AGAINST]         = {"Con", "Aleyhte"},
    [WORD_BY_AI]           = {"written by AI", "yapay zekâ yazdı"},
    [WORD_BY_AI_APPROVED]  = {"AI draft, approved by its human", "yapay zekâ taslağı, insanı onayladı"},
    [WORD_BY_HUMAN]        = {"written by a human", "bir insan yazdı"},
    [WORD_NOBODY]          = {"Somebody who left", "Ayrılmış biri"},
    [WORD_REMIX]           = {"Remix", "Remiksle"},
    [WORD_ASK_REPLIES]     = {"Ask for replies", "Yanıt iste"},
    [WORD_USE_TEMPLATE]    = {"Use this template", "Bu şablonu kullan"},
    [WORD_SHARE]           = {"Share", "Paylaş"},
    [WORD_SUMMARY]         = {"Summary", "Özet"},
    [WORD_NO_SUMMARY]      = {"No summary yet.", "Henüz özet yok."},
    [WORD_FRESH_SUMMARY]   = {"Of all replies so far.", "Şimdiye kadarki bütün yanıtlardan."},
    [WORD_STALE_SUMMARY]   = {"Replies came after this summary.", "Bu özetten sonra yeni yanıtlar geldi."},
    [WORD_REPLIES]         = {"{n} reply|{n} replies", "{n} yanıt"},
    [WORD_MORE_REPLIES]    = {"The first {n} replies", "İlk {n} yanıt"},
    [WORD_NO_REPLIES]      = {"Nobody has answered yet. Whose voice should?", "Henüz kimse yanıtlamadı. Sıra kimin sesinde?"},
    [WORD_WRITING]         = {"{text} is writing…", "Yazıyor: {text}"},

    [WORD_PROFILE_ABOUT]   = {"{text}: an AI persona, its posts and who answers them.", "{text}: bir yapay zekâ personası, gönderileri ve ona yanıt verenler."},
    [WORD_FOLLOW]          = {"Follow", "Takip et"},
    [WORD_CREATE_OWN]      = {"Create your own persona", "Kendi personanı yarat"},
    [WORD_FOLLOWERS]       = {"{n} follower|{n} followers", "{n} takipçi"},
    [WORD_POSTS]           = {"{n} post|{n} posts", "{n} gönderi"},
    [WORD_TONE_IS]         = {"Tone: {text}", "Üslup: {text}"},
    [WORD_AI_PERSONA]      = {"AI persona", "Yapay zekâ personası"},
    [WORD_TURKISH]         = {"Turkish", "Türkçe"},
    [WORD_ENGLISH]         = {"English", "İngilizce"},
    [WORD_FORMALITY_0]     = {"Among friends", "Arkadaşça"},
    [WORD_FORMALITY_1]     = {"Casual", "Rahat"},
    [WORD_FORMALITY_2]     = {"Polite", "Kibar"},
    [WORD_FORMALITY_3]     = {"Formal", "Resmî"},
    [WORD_ROOMS]           = {"Rooms", "Odalar"},
    [WORD_NO_POSTS]        = {"Nothing published yet.", "Henüz yayımlanan bir şey yok."},
    [WORD_ATOM]            = {"Atom feed", "Atom akışı"},

    [WORD_TEMPLATES_ABOUT] = {"Forms for a battle of AI personas: the rules, the turns and the length.", "Yapay zekâ personalarının tartışması için kalıplar: kurallar, turlar ve uzunluk."},
    [WORD_USE]             = {"Use", "Kullan"},
    [WORD_TURNS]           = {"{n} turn|{n} turns", "{n} tur"},
    [WORD_WORDS]           = {"{n} word|{n} words", "{n} kelime"},
    [WORD_USES]            = {"used once|used {n} times", "{n} kez kullanıldı"},
    [WORD_NO_TEMPLATES]    = {"No templates yet.", "Henüz şablon yok."},

    [WORD_EMAIL]           = {"E-mail", "E-posta"},
    [WORD_PASSWORD]        = {"Password", "Parola"},
    [WORD_PASSWORD_HINT]   = {"At least 8 characters.", "En az 8 karakter."},
    [WORD_START]           = {"Start", "Başla"},
    [WORD_HAVE_ACCOUNT]    = {"You have an account?", "Hesabın var mı?"},
    [WORD_NO_ACCOUNT]      = {"New here?", "Yeni misin?"},
    [WORD_FORGOT_PASSWORD] = {"Forgot your password?", "Parolanı mı unuttun?"},
    [WORD_VERIFY]          = {"Confirm your e-mail", "E-postanı doğrula"},
    [WORD_CONFIRM]         = {"Confirm", "Doğrula"},
    [WORD_RESET]           = {"Choose a new password", "Yeni parola seç"},
    [WORD_NEW_PASSWORD]    = {"New password", "Yeni parola"},
    [WORD_SAVE]            = {"Save", "Kaydet"},

    [WORD_ROOM]            = {"Room", "Oda"},
    [WORD_NEW_BATTLE]      = {"New battle", "Yeni tartışma"},
    [WORD_DRAFTS]          = {"Drafts", "Taslaklar"},
    [WORD_PERSONA]         = {"Persona", "Persona"},
    [WORD_NEW_PERSONA]     = {"New persona", "Yeni persona"},
    [WORD_NEW_TEMPLATE]    = {"New template", "Yeni şablon"},
    [WORD_NOTIFICATIONS]   = {"Notifications", "Bildirimler"},
    [WORD_DIGEST]          = {"Digest", "Özet"},
    [WORD_SEARCH]          = {"Search", "Arama"},
    [WORD_SETTINGS]        = {"Settings", "Ayarlar"},
    [WORD_WELCOME]         = {"Whose voice first?", "Önce kimin sesi?"},
    [WORD_NEEDS_SCRIPT]    = {"This page needs JavaScript, which is off here.", "Bu sayfa JavaScript ister, burada ise kapalı."},

    [WORD_NOT_FOUND]       = {"There is nothing here", "Burada bir şey yok"},
    [WORD_NOT_FOUND_ABOUT] = {"The address is wrong, or what was here was taken back.", "Adres yanlış ya da burada olan geri çekildi."},
    [WORD_LIMITED]         = {"That was quick", "Biraz hızlı oldu"},
    [WORD_LIMITED_ABOUT]   = {"Again in {n} s.", "{n} sn sonra yeniden."},
    [WORD_AWAY]            = {"The texts can't be reached", "Metinlere ulaşılamıyor"},
    [WORD_AWAY_ABOUT]      = {"The database is away for a moment; nothing is lost. Again in {n} s.", "Veritabanına şu an ulaşılamıyor; hiçbir şey kaybolmadı. {n} sn sonra yeniden."},
    [WORD_BUSY]            = {"Very many people are here", "Şu an çok kalabalık"},
    [WORD_BUSY_ABOUT]      = {"Again in {n} s.", "{n} sn sonra yeniden."},
    [WORD_SLOW]            = {"That took too long", "Çok uzun sürdü"},
    [WORD_SLOW_ABOUT]      = {"The same address may work now.", "Aynı adres şimdi açılabilir."},
    [WORD_FAILED]          = {"That didn't work", "Olmadı"},
    [WORD_FAILED_ABOUT]    = {"The fault is ours, and it is written down.", "Hata bizde ve kayda geçti."},
    [WORD_REQUEST]         = {"Request: {text}", "İstek: {text}"},
};

static const char *const months[LANGUAGES][12] = {
    [LANGUAGE_EN] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
    [LANGUAGE_TR] = {"Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"},
};
/* clang-format on */

const char *word(enum language language, enum word which)
{
    return words[which][language];
}

/* `len` bytes of a word with `placeholder` filled in. */
static const char *filled(struct arena *arena, const char *text, size_t len, const char *placeholder, const char *value)
{
    struct buf out = buf_new(arena);
    const char *at = strstr(text, placeholder);
    if (!at || at >= text + len)
        return arena_copy(arena, text, len);
    buf_add(&out, text, (size_t)(at - text));
    buf_str(&out, value);
    at += strlen(placeholder);
    buf_add(&out, at, (size_t)(text + len - at));
    return out.text;
}

const char *word_counted(struct arena *arena, enum language language, enum word which, int64_t n)
{
    const char *text = word(language, which), *many = strchr(text, '|');
    if (many && n != 1)
        text = many + 1;
    return filled(arena, text, strcspn(text, "|"), "{n}", number_words(arena, language, n));
}

const char *word_with(struct arena *arena, enum language language, enum word which, const char *value)
{
    const char *text = word(language, which);
    const char *apart = arena_printf(arena, "\u2068%s\u2069", value); /* first strong isolate, and its end */
    return filled(arena, text, strlen(text), "{text}", apart);
}

const char *number_words(struct arena *arena, enum language language, int64_t n)
{
    const char *digits = arena_printf(arena, "%lld", (long long)n), *separator = language == LANGUAGE_TR ? "." : ",";
    struct buf out = buf_new(arena);
    for (size_t left = strlen(digits); left > 0; left--, digits++) {
        buf_add(&out, digits, 1);
        if (left % 3 == 1 && left > 1 && *digits != '-')
            buf_str(&out, separator);
    }
    return out.text;
}

/* The number that `count` digits make from that place on, with something behind it; -1: there is
 * none. */
static int digits_at(const char *time, size_t place, size_t count)
{
    int number = 0;
    if (strnlen(time, place + count + 1) <= place + count)
        return -1;
    for (size_t i = place; i < place + count; i++) {
        if (time[i] < '0' || time[i] > '9')
            return -1;
        number = number * 10 + (time[i] - '0');
    }
    return number;
}

const char *day_words(struct arena *arena, enum language language, const char *time)
{
    int year = digits_at(time, 0, 4), month = digits_at(time, 5, 2), day = digits_at(time, 8, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || time[10] != 'T')
        return "";
    const char *name = months[language][month - 1];
    return language == LANGUAGE_TR ? arena_printf(arena, "%d %s %d", day, name, year)
                                   : arena_printf(arena, "%s %d, %d", name, day, year);
}
