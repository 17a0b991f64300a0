// What a battle is made of, as its two forms ask for it: the composer's and the remix's.
import { useId } from "preact/hooks";
import type { Form } from "../../keep";
import { t } from "../../text";
import { codePoints, Field } from "../field";

export type BattleFields = { topic: string; pro_style: string; con_style: string; template_id: string };

const TOPIC_MIN = 3, TOPIC_MAX = 180, STYLE_MAX = 80; // domain/battle.h

/** What the server would take. */
export function isBattle({ topic, pro_style, con_style }: BattleFields): boolean {
  const length = codePoints(topic.trim());
  return length >= TOPIC_MIN && length <= TOPIC_MAX && codePoints(pro_style) <= STYLE_MAX && codePoints(con_style) <= STYLE_MAX;
}

interface ChoiceProps {
  label: string;
  name: string;
  value: string;
  options: readonly { id: string; name: string }[];
  onChange: (id: string) => void;
  /** The word of choosing none. */
  none?: string;
}

/** One of what people have named. */
export function Choice({ label, name, value, options, onChange, none }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {none !== undefined && <option value="" selected={value === ""}>{none}</option>}
        {options.map((option) => (
          <option key={option.id} value={option.id} selected={option.id === value} dir="auto" lang="">{option.name}</option>
        ))}
      </select>
    </div>
  );
}

/** Topic and styles; a side's style says how its voice argues. */
export function BattleTexts<F extends BattleFields>({ form }: { form: Form<F> }) {
  const { topic, pro_style, con_style } = form.fields.value;
  const isShort = topic !== "" && codePoints(topic.trim()) < TOPIC_MIN;
  return (
    <>
      <Field label={t("topic")} name="topic" rows={3} max={TOPIC_MAX} value={topic} required
        onInput={(value) => form.set("topic", value)} error={isShort ? t("topicShort") : undefined} />
      <div class="pair">
        <Field label={t("proStyle")} name="pro_style" max={STYLE_MAX} value={pro_style}
          onInput={(value) => form.set("pro_style", value)} />
        <Field label={t("conStyle")} name="con_style" max={STYLE_MAX} value={con_style}
          onInput={(value) => form.set("con_style", value)} />
      </div>
    </>
  );
}
