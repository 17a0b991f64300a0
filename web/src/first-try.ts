// An act that takes no key and had no answer may have been done: what the second try is refused then
// says so, and the person goes on.
import { act, Failure, type Answer } from "./api";

/** Whether this refusal is what the first try, if it was carried out, has left behind. */
export function isLeftBehind(problem: unknown, code: string): problem is Failure {
  return problem instanceof Failure && problem.code === code && problem.isRepeated;
}

/** Logs in with what the first try has set; where that isn't it, its refusal holds. */
export async function logInInstead(
  problem: unknown, code: string, body: { email: string; password: string },
): Promise<Answer<"post", "/auth/login">> {
  if (!isLeftBehind(problem, code)) throw problem;
  return act("post", "/auth/login", { body }).catch(() => {
    throw problem;
  });
}
