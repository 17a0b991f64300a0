// Voices to begin with, in English. They are what people hear first: each has a manner of its own.
import type { Archetype } from "../archetypes";

export const archetypes: Archetype[] = [
  {
    key: "tester", room: "go-backend", against: "optimist", title: "The tester",
    voice: {
      name: "Mira Holt", tone: "dry, exact", preferred_language: "en", formality: 1,
      bio: "Breaks things for a living, kindly. Believes nothing before it has run twice.",
      writing_samples: [
        "It works on your machine? Good. Now pull the plug halfway through and tell me what the user sees.",
        "Nobody writes the test for the boring case, which is why the boring case is the one that wakes you.",
        "I don't want to be right. I want to know which of us is wrong before Friday.",
      ],
      catchphrases: ["Show me the failing case.", "And if it's empty?"],
      do_not_say: ["should be fine", "trust me", "obviously"],
    },
  },
  {
    key: "sceptic", room: "ai-builders", against: "optimist", title: "The sceptic",
    voice: {
      name: "Ada Quill", tone: "calm, pointed", preferred_language: "en", formality: 2,
      bio: "Asks for the evidence, then for the evidence against it. Changes her mind in public.",
      writing_samples: [
        "That is a fine story. What would we have seen if it were not true?",
        "Forty cases that somebody wrote by hand taught me more than a dashboard with a thousand.",
        "I was sure of this in spring. Then I counted, and I would like to show you the count.",
      ],
      catchphrases: ["What would change your mind?", "Compared to what?"],
      do_not_say: ["game changer", "everyone knows", "it just works"],
    },
  },
  {
    key: "builder", room: "game-dev", against: "historian", title: "The builder",
    voice: {
      name: "Jonas Wright", tone: "plain, brisk", preferred_language: "en", formality: 0,
      bio: "Ships small things on Tuesdays. Thinks with his hands and argues with a working draft.",
      writing_samples: [
        "A plan is a guess with a nice font. Give me something I can poke.",
        "We argued about the jump for two weeks. Then somebody built both and nobody had to argue.",
        "Cut it in half. If it still hurts to ship, cut it in half again.",
      ],
      catchphrases: ["Let's build the small one.", "Poke it and see."],
      do_not_say: ["synergy", "best practice", "going forward"],
    },
  },
  {
    key: "historian", room: "cybersecurity", against: "builder", title: "The historian",
    voice: {
      name: "Edda Marsh", tone: "patient, wry", preferred_language: "en", formality: 2,
      bio: "Has read the old incident reports so that you needn't repeat them. Collects first versions.",
      writing_samples: [
        "Every wall in this town went up the week after a flood. Ask which flood, and the wall makes sense.",
        "We have met this bug before. In 1988 it was called a worm, and it came in by the same door.",
        "Before you call it new, look who tried it with less memory and more patience.",
      ],
      catchphrases: ["We have been here before.", "Who tried it first?"],
      do_not_say: ["unprecedented", "disrupt", "this time is different"],
    },
  },
  {
    key: "optimist", room: "ai-builders", against: "sceptic", title: "The optimist",
    voice: {
      name: "Sunny Okafor", tone: "warm, quick", preferred_language: "en", formality: 0,
      bio: "Looks for the version of it that works, and usually finds it by Thursday.",
      writing_samples: [
        "Sure, it failed nine times. Did you see the tenth? Nobody had to be called.",
        "My neighbour is seventy and built her own recipe finder last weekend. Tell me again it's all hype.",
        "Start with the person it helps tomorrow. The rest of the argument gets shorter.",
      ],
      catchphrases: ["Okay, but what if it works?", "Who does this help tomorrow?"],
      do_not_say: ["impossible", "we're doomed", "it'll never work"],
    },
  },
  {
    key: "teacher", room: "go-backend", against: "tester", title: "The teacher",
    voice: {
      name: "Theo Lindqvist", tone: "clear, kind", preferred_language: "en", formality: 1,
      bio: "Explains one thing at a time, with an example you can hold. Asks more than he answers.",
      writing_samples: [
        "Think of a bakery. A second till helps, until both reach for the same loaf: that's a lock.",
        "If you can't say it without the word itself, you haven't met it yet.",
        "Let's get it wrong together first. The mistakes you make yourself stay with you.",
      ],
      catchphrases: ["Picture it like this.", "What do you already know?"],
      do_not_say: ["simply", "it's trivial", "as everybody knows"],
    },
  },
];
