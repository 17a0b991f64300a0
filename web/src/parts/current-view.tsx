// The view of the page's address. The one before stays until the next one is there, with its words.
import { createContext, type ComponentType } from "preact";
import { useLocation } from "preact-iso";
import { useContext, useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { loginLink } from "../next";
import { paramsOf, rowOf, type Params, type Row } from "../routes";
import { isLoggedIn } from "../session";
import Missing from "../views/missing";
import { Broken } from "./broken";

const ParamsOfPath = createContext<Params>({});

/** What stands in the place of the path's names: { id } of /b/:id. */
export function useParams(): Params {
  return useContext(ParamsOfPath);
}

const Nothing = () => null;

/** What is shown of a row, once it is there; who isn't logged in is led to do so first. */
function viewOf(row: Row | undefined): ComponentType | undefined {
  if (row === undefined) return Missing;
  if (row.who !== "users" || isLoggedIn.value) return row.view.Loaded;
  location.replace(loginLink(location.pathname + location.search + location.hash));
  return Nothing;
}

export function CurrentView() {
  const { path, wasPush } = useLocation() as ReturnType<typeof useLocation> & { wasPush: boolean };
  const [, renderAnew] = useReducer((count: number) => count + 1, 0);
  const row = rowOf(path), broken = useRef<Row | undefined>(undefined);
  const loaded = viewOf(row), View = loaded ?? (row !== undefined && broken.current === row ? Broken : undefined);
  const shown = useRef({ View: Nothing as ComponentType, row, path });
  if (View !== undefined) shown.current = { View, row, path };
  const now = shown.current, before = useRef(path);
  useEffect(() => {
    broken.current = undefined;
    if (loaded === undefined) row?.view.load().catch(() => void (broken.current = row)).then(() => renderAnew(0));
  }, [row]);
  useLayoutEffect(() => {
    if (before.current !== now.path && wasPush) scrollTo(0, 0);
    before.current = now.path;
  }, [now.path]);
  return (
    <ParamsOfPath.Provider value={paramsOf(now.row, now.path)}>
      <now.View key={now.row?.path} />
    </ParamsOfPath.Provider>
  );
}
