import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { usePlace } from "../place";
import type { Resource } from "../store";
import { t } from "../text";
import { Loaded } from "./loaded";

interface Page {
  next_cursor: string;
}

interface MorePagesProps<T extends Page> {
  /** Where the page before ends; "" where nothing follows. */
  after: string;
  from: (cursor: string) => Resource<T>;
  children: (page: T, cursor: string) => ComponentChildren;
  /** Something is looked for that no page before had: the list goes on by itself until one has it. */
  isSought?: boolean;
  isFound?: (page: T) => boolean;
}

interface FollowingProps<T extends Page> extends MorePagesProps<T> {
  /** Which page of the list this is; the one before these is the first. */
  number: number;
  /** How many are open, and how many were when the list was shown. */
  open: number;
  openBefore: number;
  onMore: (pages: number) => void;
}

/** Whether as many of what follows are known, or all where there are fewer. */
function areThere<T extends Page>(from: (cursor: string) => Resource<T>, after: string, count: number): boolean {
  if (after === "" || count <= 0) return true;
  const { data } = from(after).state.value;
  return data !== undefined && areThere(from, data.next_cursor, count - 1);
}

/** What follows of a list, page by page, where its button is pressed. Going back leads to the same
 * place in it. */
export function MorePages<T extends Page>(props: MorePagesProps<T>) {
  const { pages, open } = usePlace((wanted) => areThere(props.from, props.after, wanted - 1));
  const openBefore = useRef(pages).current;
  return <Following {...props} number={2} open={pages} openBefore={openBefore} onMore={open} />;
}

function Following<T extends Page>(props: FollowingProps<T>) {
  const { after, from, children, number, open, openBefore, onMore, isSought = false, isFound } = props;
  if (after === "") return null;
  if (number > open && !isSought)
    return <button type="button" class="quiet go-on" onClick={() => onMore(number)}>{t("loadMore")}</button>;
  return (
    <Focused isFocused={number <= open && number > openBefore}>
      <Loaded from={from(after)}>{(page) => (
        <>
          {children(page, after)}
          <Following {...props} after={page.next_cursor} number={number + 1} isSought={isSought && isFound?.(page) === false} />
        </>
      )}</Loaded>
    </Focused>
  );
}

/** The focus goes to where the page begins, as the button that asked for it is gone. */
function Focused({ isFocused, children }: { isFocused: boolean; children: ComponentChildren }) {
  const start = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFocused) start.current?.focus({ preventScroll: true });
  }, [isFocused]);
  return <div ref={start} class="following" tabIndex={-1}>{children}</div>;
}
