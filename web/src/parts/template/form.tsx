import { useSignal } from "@preact/signals";
import type { Act } from "../../act";
import type { Form } from "../../keep";
import { fieldOf, MAX, problemsOf, type TemplateFields } from "../../template";
import { errorText, failureText, t } from "../../text";
import { Failed } from "../failed";
import { Field } from "../field";
import { Segmented } from "../persona/segmented";
import { Restored } from "../restored";

interface TemplateFormProps {
  form: Form<TemplateFields>;
  save: Act<[]>;
}

/** What is wrong stands beside its field: what can be seen here, once one pressed the button, and
 * what the server alone knows. */
export function TemplateForm({ form, save }: TemplateFormProps) {
  const isPressed = useSignal(false);
  const fields = form.fields.value, failure = save.failure.value;
  const problems = problemsOf(fields);
  const refused = failure && fieldOf(failure.code);
  const field = (name: keyof TemplateFields) => {
    const problem = isPressed.value ? problems[name] : undefined;
    return {
      name, value: fields[name], error: problem ? errorText(problem) : refused === name ? failureText(failure!) : undefined,
      onInput: (value: string) => {
        if (refused === name) save.failure.value = undefined;
        form.set(name, value);
      },
    };
  };
  const submit = (event: Event) => {
    event.preventDefault();
    isPressed.value = true;
    if (Object.keys(problems).length === 0) void save.run();
    else (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[name="${Object.keys(problems)[0]}"]`)?.focus();
  };
  return (
    <form class="template-form" noValidate onSubmit={submit}>
      <Restored form={form} />
      <Field label={t("templateName")} max={MAX.name} required {...field("name")} />
      <Field label={t("templateRules")} hint={t("templateRulesHint")} max={MAX.rules} rows={6} required {...field("rules")} />
      <div class="pair">
        <Field label={t("templateTurns")} hint={t("templateTurnsHint")} inputMode="numeric" {...field("turns")} />
        <Field label={t("templateWords")} hint={t("templateWordsHint")} inputMode="numeric" {...field("words")} />
      </div>
      <Segmented label={t("templateShown")} value={fields.shown} onChange={(value) => form.set("shown", value)}
        choices={[["private", t("onlyMe")], ["public", t("everybody")]]} />
      {failure && refused === undefined && <Failed failure={failure} />}
      <button type="submit" aria-busy={save.isBusy.value}>{t("save")}</button>
    </form>
  );
}
