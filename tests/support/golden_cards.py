"""Cards and what they looked like: golden pictures, a fifth of a card's size, in tests/golden/cards/. Those that
look otherwise with the fonts of another release have a second one in a folder of its name."""
import pathlib

from support.cards import card, difference, from_png, new_battle, reply, small_picture
from support.people import new_room

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "cards"
ALIKE = 20

BATTLE = ("Topic: Should every prompt change go through code review?\nTemplate: Steelman first\n"
          "Pro style: Bold and practical\nCon style: Skeptical and evidence-first\nWhere is the line?")
BEN = ("Pixel Ben", "The other side is right that review slows ideas down. Still: cut the review for a week and see "
       "which prompt broke. Would you bet a release on it?", "en")
ADA = ("Ada Evaluates", "Fair point that review without data is taste. With forty cases in the pipeline the reviewer "
       "argues with evidence. What would change your mind?", "en")
DENIZ = ("Deniz Kaptan", "Haklısın. Ölçmeden yapılan inceleme zevk meselesidir: 3 ayda 14 hata kaçırdık.", "tr")
MAVI = ("Mavi Şapka", "Varsayma, doğrula: havuz beklemesi ile kilit beklemesini aynı grafikte görmeden kimse suçluyu "
        "bulamaz. Siz ikisini ayrı ölçüyor musunuz?", "tr")

# name: room, content, author, replies
CARDS = {
    "0 voices, styles": ("AI Builders", BATTLE, None, []),
    "0 voices, author": ("AI Builders", "Forty hand-written cases caught more regressions than our thousand synthetic "
                         "ones, because somebody had argued about each. How big is the set you trust?",
                         ("Ada Evaluates", "en"), []),
    "1 voice": ("AI Builders", BATTLE, None, [ADA]),
    "1 voice, author": ("Go Backend", "Bağlantı havuzunu büyütmek sorguyu hızlandırmaz, yalnızca kuyruğu veritabanına "
                        "taşır. Önce ölç: sizde bekleme havuzda mı, kilitte mi?", ("Deniz Kaptan", "tr"), [MAVI]),
    "2 voices": ("AI Builders", BATTLE, None, [BEN, ADA]),
    "3 voices": ("AI Builders", BATTLE, None, [BEN, ADA, DENIZ]),
    "12 voices": ("AI Builders", BATTLE, None, [BEN, ADA, DENIZ] + [(f"Voice {n}", "Yes.", "en") for n in range(9)]),
    "Turkish": ("Arka Uç", "Topic: Yapay zekâ yazılım mühendislerinin yerini alır mı? İĞÜŞÖÇ ığüşöç", None,
                [DENIZ, MAVI]),
    "a long topic": ("AI Builders", "Topic: Nobody reads the runbook at night: they read the last line of the log, and "
                     "if that line says what to do next, then the outage is over before anybody woke up.", None,
                     [BEN, MAVI]),
    "Arabic": ("الهندسة الخلفية", "Topic: هل يجب أن تبدأ كل خدمة ككتلة واحدة؟", None,
               [("سارة", "البداية ككتلة واحدة تعطيك الوقت لتفهم الحدود. كل خدمة تفصلها مبكرًا تكلفك.", "en"),
                ("نور", "رأيت ٣ فرق تندم لأنها أجلت التقسيم سنتين كاملتين.", "en")]),
    "Hebrew": ("צד שרת", "Topic: האם לכתוב בדיקות לפני הקוד?", None,
               [("אורי", "בדיקות קודם: חוסכות 3 שעות בכל שבוע.", "en"), BEN]),
    "Japanese": ("設計", "Topic: マイクロサービスは小さなチームにとって本当に良い選択なのか？", None,
                 [("佐藤さん", "小さく始めて、測る。チームが5人以下なら分割は負担になるだけです。", "en"),
                  ("鈴木", "境界を間違えると後で直すのに三倍かかります。最初から考えるべきです。", "en")]),
    "Chinese and Korean": ("后端", "Topic: 每次修改提示都应该经过代码审查吗？没有数据的讨论只是品味。", None,
                           [("王工", "先测量，再决定。团队需要的是证据，而不是口号。", "en"),
                            ("민지", "처음부터 나누면 경계를 잘못 그을 확률이 높습니다.", "en")]),
    "Russian": ("Кухня", "Topic: Нужно ли писать тесты до кода?", None,
                [("Анна", "Да: 40 тестов до кода экономят неделю отладки.", "en"), ADA]),
    "Hindi": ("रसोई", "Topic: क्या परीक्षण कोड से पहले लिखने चाहिए?", None,
              [("नेहा", "पहले कोड लिखो, फिर परीक्षण। हर बार पूरे 2 घंटे बचते हैं और नींद भी।", "en"), BEN]),
    "Thai": ("ห้องครัว", "Topic: ควรเขียนทดสอบก่อนเขียนโค้ดหรือไม่", None,
             [("มานี", "เขียนทดสอบก่อน ประหยัดเวลา 3 ชั่วโมงทุกสัปดาห์", "en"), ADA]),
    "emoji": ("Emoji 🎮", "Topic: 👩‍👩‍👧‍👦🇹🇷🤔 Should we ship on Friday? 🚀", None,
              [("Fox 🦊🔥", "Ship it 🚀 and watch the 👀 graphs 📈 for a whole week 🗓️.", "en"),
               ("Bear 🐻‍❄️", "Test 🧪 first, then ship 🚢, as 3 of 4 users 😀 told us.", "en")]),
    "words without end": ("W" * 60, "Topic: " + "W" * 150, None,
                          [("W" * 60, "W" * 300, "en"), ("x", "See https://example.com/" + "q" * 200, "en")]),
    "towers of marks": ("Z" + "\u0335\u030d\u0321" * 20, "Topic: H\u0335\u030d\u0321e" + "\u0335\u030d\u0321" * 30 +
                        " comes", None, [("Z" + "\u0335\u030d" * 9, "A\u0335\u030d\u0321" * 30, "en"), BEN]),
}


def picture_of(api, database, room, content, author, replies):
    battle = new_battle(database, new_room(database, room), content, author=author and author[0],
                        language=author and author[1])
    for name, said, language in replies:
        reply(database, battle, said, name, language)
    return small_picture(card(api, battle).content)


def from_golden(name, drawn):
    """How much it differs from the nearest of its golden pictures."""
    return min(difference(drawn, from_png(path.read_bytes()))
               for path in (GOLDEN / f"{name}.png", *GOLDEN.glob(f"*/{name}.png")))
