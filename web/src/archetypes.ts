// The voices that a new person chooses from. Their texts are a chunk of their own, one a language.
import { chunk } from "./chunk";
import type { Voice } from "./persona";

export const KEYS = ["tester", "sceptic", "builder", "historian", "optimist", "teacher"] as const;
export type Key = (typeof KEYS)[number];

export interface Archetype {
  key: Key;
  /** The slug of the room that its first draft is for. */
  room: string;
  /** Who disagrees best. */
  against: Key;
  title: string;
  voice: Voice;
}

export async function archetypesIn(language: string): Promise<Archetype[]> {
  if (language === "tr") return (await chunk(() => import("./words/archetypes.tr"))).archetypes;
  return (await chunk(() => import("./words/archetypes.en"))).archetypes;
}
