"""cards.py [--cards N]: what a battle's card costs: processor time and bytes, of cards in many
scripts.

The texts are made up of sentences in Turkish and English (two thirds), Arabic, Chinese, Japanese,
Korean, Russian and with emoji, always the same ones. The first 60 cards find no letters kept and
aren't counted, as in an API that has drawn before.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = CHECKOUT / "build" / "tests" / "bench_card"
WARM_UP = 60

WORDS = {
    "tr": "bağlantı havuzu sorgu kuyruk önce ölç sonra konuş gece nöbet indeks kilit bekleme çünkü işçi geri "
          "basınç şüphe kanıt ekip kimse veritabanı yalnızca güven zaman yazılı olsun hangi sürüm düştü arttı "
          "ışık ğöüşçı",
    "en": "review prompt change every team should measure before release because nobody reads the log at night "
          "cache queue pool worker evidence argue cases regression synthetic honest number deploy Friday "
          "rollback who decides when",
    "ar": "هل يجب أن تبدأ كل خدمة ككتلة واحدة البداية تعطيك الوقت لتفهم الحدود شبكة ونشر ومراقبة الفريق الصغير "
          "يقيس قبل القرار",
    "zh": "每次 提示 修改 都 应该 经过 代码 审查 吗 没有 数据 的 讨论 只是 品味 先 测量 再 决定 团队 需要 证据 而 不是 口号",
    "ja": "小さく 始めて 測る それが 全て だと 思います チームが 分割は 負担に なる だけです 境界を 間違える 本当に 必要か",
    "ko": "처음부터 나누면 경계를 잘못 그을 확률이 높습니다 먼저 측정하고 나중에 말하세요 팀은 증거가 필요합니다 정말로",
    "ru": "нужно ли писать тесты до кода сорок тестов экономят неделю отладки проверено на трёх проектах кто "
          "решает",
    "emoji": "ship 🚀 it and watch 👀 the graphs 📈 for a week 🔥 no 🛑 test 🧪 first 🇹🇷 then 😀 users 🤔 agree 🎮 win 🏆",
}
MIX = ["tr"] * 33 + ["en"] * 33 + ["ar"] * 8 + ["zh"] * 7 + ["ja"] * 5 + ["ko"] * 4 + ["ru"] * 4 + ["emoji"] * 6
JOINED = {"zh": "", "ja": ""}
ENDS = {"zh": "。", "ja": "。"}


def sentence(chance, language, count):
    words = chance.choices(WORDS[language].split(), k=count)
    return JOINED.get(language, " ").join(words).capitalize() + ENDS.get(language, ".")


def said(chance, language):
    text = " ".join(sentence(chance, language, chance.randint(5, 16)) for _ in range(chance.randint(1, 4)))
    return {"author": " ".join(chance.choices(WORDS[language].split(), k=2)).title(), "content": text,
            "language": "tr" if language == "tr" else "en"}


def brief(chance):
    language, voices = chance.choice(MIX), chance.choice([0, 1, 2, 2, 2, 3, 3, 5])
    topic = sentence(chance, language, chance.randint(4, 18))
    replies = [said(chance, language) for _ in range(voices)]
    post = {"content": f"Topic: {topic}\nPro style: Bold and practical\nCon style: Skeptical", "author": None}
    if chance.random() < 0.3:
        post = said(chance, language)
    return voices, {"room": {"name": sentence(chance, language, 2)}, "post": post, "replies": replies}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=400)
    options = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        briefs = pathlib.Path(folder) / "briefs"
        briefs.write_text("".join(f"{voices}\t{json.dumps(text, ensure_ascii=False)}\n"
                                  for voices, text in (brief(chance) for _ in range(WARM_UP + options.cards))))
        done = subprocess.run([PROGRAM, briefs], capture_output=True, text=True, check=True)
    drawn = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    print(f"first card                    {drawn[0][0] / 1000:8.1f} ms")
    times, sizes = zip(*drawn[WARM_UP:])
    for name, values, unit in (("processor time", [t / 1000 for t in times], "ms"),
                               ("size", [size / 1024 for size in sizes], "KB")):
        print(f"{name:<18} p50, p95, mean {percentile(values, .5):8.2f} {percentile(values, .95):8.2f} "
              f"{statistics.mean(values):8.2f} {unit}")


if __name__ == "__main__":
    main()
