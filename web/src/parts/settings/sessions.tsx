import { act, remove } from "../../api";
import { useAct } from "../../act";
import { browserOf } from "../../browser-name";
import type { components } from "../../contract";
import { change, resource } from "../../store";
import { day, t } from "../../text";
import { Failed } from "../failed";
import { Loaded } from "../loaded";
import { Time } from "../time";
import { say } from "../toast";

type Session = components["schemas"]["OwnSession"];

function keepOnly(isLeft: (session: Session) => boolean): void {
  change("/me/sessions", {}, (list) => ({ ...list, sessions: list.sessions.filter(isLeft) }));
  document.getElementById("sessions")?.focus(); // the button that was pressed may be gone
}

function Item({ session: { id, current, user_agent, created_at, last_seen_at } }: { session: Session }) {
  const name = browserOf(user_agent) ?? t("unknownBrowser");
  const end = useAct(async () => {
    await remove("/me/sessions/{id}", { at: { id } });
    keepOnly((session) => session.id !== id);
    say(t("sessionEnded"));
  });
  return (
    <li class="session">
      <div>
        <p><strong>{name}</strong>{current && <> <span class="chip">{t("thisSession")}</span></>}</p>
        <p class="fine">{t("since", { day: day(Date.parse(created_at)) })} · {t("lastSeen")} <Time at={last_seen_at} /></p>
        {end.failure.value && <Failed failure={end.failure.value} />}
      </div>
      {!current && (
        <button type="button" class="quiet" aria-label={t("endSessionOf", { name })} aria-busy={end.isBusy.value}
          onClick={() => void end.run()}>{t("endSession")}</button>
      )}
    </li>
  );
}

export function Sessions() {
  const endOthers = useAct(async () => {
    const { ended } = await act("post", "/me/sessions/end-others", { body: {} });
    keepOnly(({ current }) => current);
    say(t("othersEnded", { n: ended }));
  });
  return (
    <section class="panel setting" aria-labelledby="sessions">
      <h2 id="sessions" tabIndex={-1}>{t("sessions")}</h2>
      <p class="hint">{t("sessionsText")}</p>
      <Loaded from={resource("/me/sessions")}>{({ sessions }) => (
        <>
          <ul class="sessions">{sessions.map((session) => <Item key={session.id} session={session} />)}</ul>
          {endOthers.failure.value && <Failed failure={endOthers.failure.value} />}
          {sessions.length > 1 && (
            <button type="button" class="quiet" aria-busy={endOthers.isBusy.value} onClick={() => void endOthers.run()}>
              {t("endOthers")}
            </button>
          )}
        </>
      )}</Loaded>
    </section>
  );
}
