import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect, useMemo } from "preact/hooks";
import { act, Failure, type Answer } from "../../api";
import { useAct } from "../../act";
import { keptForm } from "../../keep";
import { resource } from "../../store";
import { t } from "../../text";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { Restored } from "../restored";
import { say } from "../toast";
import { BattleTexts, Choice, isBattle } from "./fields";
import { orGone, type SheetProps } from "./sheet";

type Intent = Answer<"post", "/battles/{id}/remix-intent">;

/** The suggested ones, and the one that the link asks for, wherever its name is known. */
function useTemplates({ suggested_templates }: Intent, asked: string | undefined): { id: string; name: string }[] {
  const isSuggested = asked === undefined || suggested_templates.some(({ id }) => id === asked);
  const all = resource("/templates");
  useEffect(() => void (isSuggested || all.load()), [isSuggested]);
  if (isSuggested) return suggested_templates;
  const name = all.state.value.data?.templates.find(({ id }) => id === asked)?.name ?? t("askedTemplate");
  return [{ id: asked, name }, ...suggested_templates];
}

function begin(id: string): Promise<Intent> {
  return act("post", "/battles/{id}/remix-intent", { at: { id } });
}

/** A token serves for half an hour; a form may stand open for longer. */
async function create(intent: Intent, fields: object): Promise<Answer<"post", "/rooms/{id}/battles">> {
  const send = ({ room_id, remix_token }: Intent) =>
    act("post", "/rooms/{id}/battles", { at: { id: room_id }, body: { ...fields, remix_token } });
  try {
    return await send(intent);
  } catch (problem) {
    if (!(problem instanceof Failure) || problem.code !== "invalid_remix_token") throw problem;
    return send(await begin(intent.battle_id));
  }
}

function RemixForm({ intent, template }: { intent: Intent; template: string | undefined }) {
  const { route } = useLocation();
  const templates = useTemplates(intent, template);
  const form = useMemo(() => keptForm("remix", intent.battle_id, {
    topic: intent.topic, pro_style: intent.pro_style, con_style: intent.con_style,
    template_id: template ?? intent.suggested_templates[0]?.id ?? "",
  }), [intent]);
  useEffect(() => {
    if (template !== undefined) form.set("template_id", template); // the link is newer than what was kept
  }, [form]);
  const isRight = isBattle(form.fields.value);
  const remix = useAct(async () => {
    const made = await create(intent, form.fields.value);
    form.drop();
    route(made.suggested_next_url);
    say(made.enqueued_replies === 0 ? t("remixedAlone") : t("remixed", { n: made.enqueued_replies }));
  });
  const submit = (event: Event) => {
    event.preventDefault();
    if (isRight) void remix.run();
  };
  return (
    <form onSubmit={submit}>
      <Restored form={form} />
      <BattleTexts form={form} />
      <Choice label={t("template")} name="template_id" value={form.fields.value.template_id} options={templates}
        onChange={(id) => form.set("template_id", id)} />
      <p class="note"><a href={`/templates?battle=${intent.battle_id}`}>{t("allTemplates")}</a></p>
      {remix.failure.value && <Failed failure={remix.failure.value} />}
      <button type="submit" disabled={!isRight} aria-busy={remix.isBusy.value}>{t("startRemix")}</button>
    </form>
  );
}

/** What is remixed comes first, and again where that failed. */
function Remix({ thread: { post: { id } }, template, onChanged }: SheetProps) {
  const intent = useSignal<Intent | undefined>(undefined);
  const beginning = useAct(async () => {
    intent.value = await orGone(begin(id), onChanged);
  });
  useEffect(() => void beginning.run(), [id]);
  if (intent.value !== undefined) return <RemixForm intent={intent.value} template={template} />;
  if (beginning.failure.value !== undefined) return <Failed failure={beginning.failure.value} onRetry={() => void beginning.run()} />;
  return <p class="note" role="status">{t("loading")}</p>;
}

export default function RemixSheet(sheet: SheetProps) {
  return (
    <Dialog title={t("remix")} isOpen={sheet.isOpen} onClose={sheet.onClose}>
      <p class="note">{t("remixText")}</p>
      <Remix {...sheet} />
    </Dialog>
  );
}
