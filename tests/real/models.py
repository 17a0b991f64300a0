"""The tiny models, each with a way to answer that models have, and what may come of it."""
from dataclasses import dataclass

TURNS = ("{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
         "{% endfor %}{{ '<|im_start|>assistant\\n' }}")
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
QUESTION = "Measure before you cut. What would you measure first?"
TEXT = QUESTION + " 📏"
PIECES = ["Measure", " before", " you", " cut", ".", " What", " would", " you measure", " first", "?", " ", "📏"]
SECRET = ["LEAK", " The", " persona", " is", " terse"]
WORDS = dict.fromkeys(""" a small team ships weekly because the last one broke and nobody knew why so they
    kept a list of what failed then asked which test would have caught it""".split())


@dataclass(frozen=True)
class Model:
    pieces: list
    text: str | None = TEXT  # None: there is none to store
    error: str = ""          # why not
    summary: str | None = None  # of a thread, which no persona says
    template: str = TURNS
    loops_to: int | None = None
    noise: bool = False
    context: int = 32768  # tokens, of prompt and text together
    learnt: tuple = ()

    def text_of(self, kind):
        return self.text or (self.summary if kind == "summarize_thread" else None)

    @property
    def said(self):
        """What the model is written from."""
        return {"template": self.template, "pieces": self.pieces, "loops_to": self.loops_to, "noise": self.noise}


NO_TEXT, NO_ROOM = "provider gave no text", "provider gave no text within the bound on tokens"
SAYS_IT = "content says a phrase that the persona never says"
TOO_MANY_LINKS = "content failed link spam check"
MODELS = {
    "plain": Model(PIECES),
    "reasoning": Model(["<think>\n", *SECRET, "\n</think>\n\n", *PIECES]),
    "opened-by-template": Model([*SECRET, "\n</think>\n\n", *PIECES], template=TURNS + "{{ '<think>\\n' }}",
                                learnt=("reasoning without an opening tag",)),
    "harmony": Model(["<|channel|>", "analysis", "<|message|>", *SECRET, "<|end|>", "<|start|>", "assistant",
                      "<|channel|>final", "<|message|>\n", *PIECES, "<|return|>", "<|call|>"]),
    # Cut at the bound on tokens, and so cut back to its last whole sentence.
    "runs-on": Model([*PIECES, "<end", "_of_turn>\n", "<start", "_of_turn>user\n", *SECRET], QUESTION, loops_to=14),
    "quoted": Model(['"', *PIECES[:-2], '" '], QUESTION),
    "fenced": Model(["```text\n", *PIECES, "\n```"]),
    "no-system-role": Model(PIECES, template=NO_SYSTEM + TURNS, learnt=("no system role",)),
    "silent": Model([], None, NO_TEXT),
    "reasons-alone": Model(["<think>", *SECRET], None, NO_ROOM, loops_to=1, context=3300,
                           learnt=("room for reasoning", "more room for reasoning")),
    "says-it": Model(["It", " is", " synergy", ".", " Is", " it", "?"], None, SAYS_IT, "It is synergy. Is it?"),
    "links": Model(["See", " https://one.example", " and", " https://two.example", " or", " https://three.example",
                    "."], None, TOO_MANY_LINKS),
    "noise": Model([" " + word for word in WORDS] + ["<think>", "</think>", "<|im_", "end|>", "**", "#", ".", "?", '"',
                                                     "\n", "https://one.example", "[INST]", "synergy"], noise=True),
}
