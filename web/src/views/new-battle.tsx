// A topic for a room, argued over by two styles. The link may name the room, the template and the
// topic; nothing is sent before the person does.
import { useLocation } from "preact-iso";
import { useEffect, useMemo } from "preact/hooks";
import type { components } from "../contract";
import { act } from "../api";
import { useAct } from "../act";
import { count } from "../counted";
import { keptForm } from "../keep";
import { BattleTexts, Choice, isBattle, type BattleFields } from "../parts/battle/fields";
import { Failed } from "../parts/failed";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { Restored } from "../parts/restored";
import { say } from "../parts/toast";
import { resource } from "../store";
import { t } from "../text";

type Room = components["schemas"]["Room"];
type Template = components["schemas"]["Template"];
type Fields = BattleFields & { room_id: string };

/** What the link names is newer than what was kept. */
function useForm(rooms: Room[]) {
  const { room, template, topic } = useLocation().query;
  return useMemo(() => {
    const form = keptForm<Fields>("battle", "", {
      topic: "", template_id: "", room_id: rooms[0]?.id ?? "",
      pro_style: t("proStyleUsual"), con_style: t("conStyleUsual"),
    });
    for (const [name, value] of [["room_id", room], ["template_id", template], ["topic", topic]] as const)
      if (value !== undefined && value !== "") form.set(name, value);
    return form;
  }, [room, template, topic]);
}

function TemplateChoice({ value, templates, onChange }: { value: string; templates: Template[]; onChange: (id: string) => void }) {
  const isListed = value === "" || templates.some(({ id }) => id === value);
  const options = isListed ? templates : [{ id: value, name: t("askedTemplate") }, ...templates];
  const chosen = templates.find(({ id }) => id === value);
  return (
    <>
      <Choice label={t("template")} name="template_id" value={value} options={options} none={t("usualTemplate")} onChange={onChange} />
      {chosen && <p class="note" dir="auto" lang="">{chosen.prompt_rules}</p>}
    </>
  );
}

function Composer({ rooms, templates }: { rooms: Room[]; templates: Template[] }) {
  const { route } = useLocation();
  const form = useForm(rooms);
  const asked = useLocation().query["template"];
  const fields = form.fields.value;
  const start = useAct(async () => {
    const { room_id, ...body } = fields;
    const made = await act("post", "/rooms/{id}/battles", { at: { id: room_id }, body });
    if (asked !== undefined && asked === body.template_id)
      count("template_used_from_feed", { template_id: asked, battle_id: made.battle_id, room_id });
    form.drop();
    route(made.suggested_next_url);
    say(made.enqueued_replies === 0 ? t("remixedAlone") : t("remixed", { n: made.enqueued_replies }));
  });
  const submit = (event: Event) => {
    event.preventDefault();
    if (isBattle(fields)) void start.run();
  };
  return (
    <form onSubmit={submit}>
      <Restored form={form} />
      <BattleTexts form={form} />
      <Choice label={t("room")} name="room_id" value={fields.room_id} options={rooms} onChange={(id) => form.set("room_id", id)} />
      <TemplateChoice value={fields.template_id} templates={templates} onChange={(id) => form.set("template_id", id)} />
      {start.failure.value && <Failed failure={start.failure.value} />}
      <button type="submit" disabled={!isBattle(fields)} aria-busy={start.isBusy.value}>{t("startRemix")}</button>
    </form>
  );
}

export default function NewBattle() {
  const templates = resource("/templates");
  useEffect(() => void templates.load(), []);
  return (
    <div class="middle">
      <PageHead>{t("newBattle")}</PageHead>
      <p class="note">{t("newBattleText")}</p>
      <Loaded from={resource("/rooms")}>{({ rooms }) => rooms.length === 0
        ? <p class="empty">{t("noRooms")}</p>
        : <Composer rooms={rooms} templates={templates.state.value.data?.templates ?? []} />}
      </Loaded>
    </div>
  );
}
