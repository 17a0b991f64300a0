import { useRef } from "preact/hooks";
import { itemsOf, withTyped } from "../../persona";
import { number, t } from "../../text";
import { codePoints, Field } from "../field";
import { Icon } from "../icon";

interface ChipsProps {
  label: string;
  hint: string;
  name: string;
  lang: string;
  /** The list as JSON. */
  value: string;
  typed: string;
  bounds: { items: number; length: number };
  onTyped: (typed: string) => void;
  onChange: (value: string) => void;
}

/** A list of short phrases: what is typed joins it by Enter or the button. */
export function Chips({ label, hint, name, lang, value, typed, bounds, onTyped, onChange }: ChipsProps) {
  const list = useRef<HTMLUListElement>(null);
  const items = itemsOf(value);
  const canAdd = typed.trim() !== "" && items.length < bounds.items && codePoints(typed) <= bounds.length;
  const add = () => {
    if (!canAdd) return;
    onChange(JSON.stringify(withTyped(value, typed)));
    onTyped("");
  };
  const remove = (place: number) => {
    onChange(JSON.stringify(items.filter((_, other) => other !== place)));
    // The focus goes on to the next one, or to the field.
    const buttons = list.current?.querySelectorAll("button") ?? [];
    (buttons[place + 1] ?? list.current?.parentElement?.querySelector("input"))?.focus();
  };
  return (
    <div class="chips" onKeyDown={(event) => {
      if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.isComposing) return;
      event.preventDefault();
      add();
    }}>
      <div class="chips-entry">
        <Field label={label} name={name} value={typed} onInput={onTyped} lang={lang} hint={hint}
          {...(typed === "" ? {} : { max: bounds.length })} />
        <button type="button" class="quiet" disabled={!canAdd} onClick={add}>
          {t("add")}<span class="unseen"> · {label}</span>
        </button>
      </div>
      <ul ref={list} aria-label={label}>
        {items.map((item, place) => (
          <li key={item} class="phrase">
            <span dir="auto" lang={lang}>{item}</span>
            <button type="button" class="quiet icon" aria-label={t("removeItem", { item })}
              onClick={() => remove(place)}><Icon of="close" /></button>
          </li>
        ))}
      </ul>
      {items.length >= bounds.items && <p class="hint">{t("listIsFull", { n: number(bounds.items) })}</p>}
    </div>
  );
}
