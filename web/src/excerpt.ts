// How a list shows a text that begins with its own heading, or that the API has cut.

const EXCERPT_MAX = 220; // code points: where the API cuts
const SENTENCE_MAX = 160;
const SENTENCE = /^(.+?[.?!…])(?:\s+(.*))?$/su;
const ENDS = /[.?!…"”»)]$/u;

/** Of the page that the server writes, too: as add_preview in api/pages/landing.c. */
export function preview(text: string): string {
  return [...text].length < EXCERPT_MAX ? text : `${text.replace(/ +$/, "")}…`;
}

/** What was cut ends at a word, with a mark. */
export function cutAtWord(text: string): string {
  if ([...text].length < EXCERPT_MAX || ENDS.test(text)) return text;
  return `${text.replace(/[\s,;:]+\S*$/u, "")}…`;
}

/** The topic may be how the text begins, cut where the API cuts it: then the heading is the text's
 * first sentence, and the text goes on below it. Of a battle that was made of a form the topic says
 * all that is to be read. */
export function readingOf(topic: string, text: string): { heading: string; rest: string } {
  if (text.startsWith("Topic: ")) return { heading: topic, rest: "" };
  if (!text.startsWith(topic)) return { heading: topic, rest: text };
  if (text === topic) return { heading: topic, rest: "" };
  const [, sentence = "", rest = ""] = SENTENCE.exec(text) ?? [];
  if (sentence.length < topic.length || sentence.length > SENTENCE_MAX)
    return { heading: `${topic}…`, rest: `… ${text.slice(topic.length).trimStart()}` };
  return { heading: sentence.replace(/\.$/, ""), rest };
}
