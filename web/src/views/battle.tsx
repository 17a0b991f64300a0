import { useLocation } from "preact-iso";
import { useEffect, useMemo } from "preact/hooks";
import { Acts, OwnerActs } from "../parts/battle/acts";
import { FirstAnswer } from "../parts/battle/first-answer";
import { Gone } from "../parts/battle/gone";
import { Opening } from "../parts/battle/opening";
import { useSheet } from "../parts/battle/sheet";
import { Summary } from "../parts/battle/summary";
import { useParams } from "../parts/current-view";
import { Loaded } from "../parts/loaded";
import { Replies } from "../parts/thread";
import { withRemix, signupLink } from "../next";
import { usePlace } from "../place";
import { isLoggedIn } from "../session";
import { resource } from "../store";
import { watch } from "../stream";
import { threadOf } from "../thread";
import Missing from "./missing";

/** As a link to a remix says it: /b/{id}?remix=1&template=. */
function asked(): { remix: boolean; template: string | undefined } {
  const query = new URLSearchParams(location.search);
  return { remix: query.get("remix") === "1", template: query.get("template") ?? undefined };
}

function BattleOf({ id }: { id: string }) {
  const { route } = useLocation();
  const from = useMemo(() => threadOf(id), [id, isLoggedIn.value]);
  usePlace(() => from.state.value.data !== undefined);
  const { remix, template } = useMemo(asked, [id]);
  const { shown, open, close } = useSheet();
  useEffect(() => {
    const { state, load } = resource("/b/{id}/meta", { at: { id } });
    if (state.peek().data === undefined) void load(); // which counts the view; the server's page has counted it
  }, [id]);
  useEffect(() => watch(id), [id]);
  useEffect(() => {
    const back = `/b/${id}${template === undefined ? "" : `?template=${encodeURIComponent(template)}`}`;
    if (remix && isLoggedIn.value) void open("remix");
    else if (remix) route(signupLink(withRemix(back)), true);
  }, [remix, isLoggedIn.value]);
  const onClose = () => {
    close();
    if (location.search !== "") history.replaceState(history.state, "", location.pathname);
  };
  const { data, failure } = from.state.value;
  const isAway = failure !== undefined && [400, 403, 404].includes(failure.status);
  if (isAway) return data === undefined ? <Missing /> : <Gone roomId={data.post.room_id} roomName={data.post.room_name} />;
  return (
    <Loaded from={from}>
      {(thread) => <>
        <Opening thread={thread} />
        <Acts thread={thread} onOpen={(name) => void open(name)} />
        <FirstAnswer thread={thread} onAsked={() => void from.load()} onShare={() => void open("share")} />
        <Summary thread={thread} />
        <Replies thread={thread} />
        <OwnerActs thread={thread} onOpen={(name) => void open(name)} />
        {shown && <shown.Sheet thread={thread} template={template} isOpen={shown.isOpen} onClose={onClose}
          onChanged={() => void from.load()} />}
      </>}
    </Loaded>
  );
}

export default function Battle() {
  const { id = "" } = useParams();
  return <BattleOf key={id} id={id} />;
}
