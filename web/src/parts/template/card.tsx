import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { signupLink } from "../../next";
import { isLoggedIn } from "../../session";
import type { Template } from "../../template";
import { t } from "../../text";
import { Counted } from "../counted";
import { OwnActs } from "./own";

/** Where a template is used: in the remix that asked for one, else in a new battle. */
function useLink(id: string, battle: string | undefined): string {
  const link = battle === undefined ? `/battles/new?template=${id}` : `/b/${encodeURIComponent(battle)}?remix=1&template=${id}`;
  return isLoggedIn.value ? link : signupLink(link);
}

interface CardProps {
  template: Template;
  /** The battle that a template is chosen for. */
  battle: string | undefined;
  /** The link led to this one. */
  isMarked: boolean;
}

/** As the server writes it: add_template in api/pages/templates.c. */
export function TemplateCard({ template, battle, isMarked }: CardProps) {
  const { id, name, prompt_rules, turn_count, word_limit, usage_count, mine, is_public } = template;
  const card = useRef<HTMLElement>(null), rules = useRef<HTMLParagraphElement>(null);
  const isCut = useSignal(false), isWhole = useSignal(false);
  useEffect(() => {
    isCut.value = rules.current !== null && rules.current.scrollHeight > rules.current.clientHeight + 1;
  }, [prompt_rules]);
  useEffect(() => {
    if (isMarked) card.current?.scrollIntoView({ block: "center" });
  }, [isMarked]);
  return (
    <article ref={card} class={isMarked ? "template marked" : "template"} id={`template-${id}`}
      {...(isMarked ? { "aria-current": "true" as const } : {})}>
      <h2 dir="auto" lang="">{name}</h2>
      <p class="meta">
        <Counted word="turns" n={turn_count} />
        <Counted word="wordLimit" n={word_limit} />
        <Counted word="uses" n={usage_count} />
        {mine && !is_public && <span>{t("private")}</span>}
      </p>
      <p ref={rules} class={isWhole.value ? "text" : "text rules"} dir="auto" lang="">{prompt_rules}</p>
      <div class="acts">
        <a class="act" href={useLink(id, battle)}>{t("use")}</a>
        {isCut.value && (
          <button type="button" class="quiet" aria-expanded={isWhole.value} onClick={() => (isWhole.value = !isWhole.value)}>
            {t(isWhole.value ? "showLess" : "wholeRules")}
          </button>
        )}
        {mine && <OwnActs template={template} />}
      </div>
    </article>
  );
}
