import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
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
  children: (page: T) => ComponentChildren;
  /** Something is looked for that no page before had: the list goes on by itself until one has it. */
  isSought?: boolean;
  isFound?: (page: T) => boolean;
}

/** What follows of a list, page by page, where its button is pressed. */
export function MorePages<T extends Page>({ after, from, children, isSought = false, isFound }: MorePagesProps<T>) {
  const isPressed = useSignal(false);
  if (after === "") return null;
  if (!isPressed.value && !isSought)
    return <button type="button" class="quiet go-on" onClick={() => (isPressed.value = true)}>{t("loadMore")}</button>;
  return (
    <Following isFocused={isPressed.value}>
      <Loaded from={from(after)}>{(page) => (
        <>
          {children(page)}
          <MorePages after={page.next_cursor} from={from} {...(isFound && { isSought: isSought && !isFound(page), isFound })}>
            {children}
          </MorePages>
        </>
      )}</Loaded>
    </Following>
  );
}

/** The focus goes to where the page begins, as the button that asked for it is gone. */
function Following({ isFocused, children }: { isFocused: boolean; children: ComponentChildren }) {
  const start = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFocused) start.current?.focus({ preventScroll: true });
  }, [isFocused]);
  return <div ref={start} class="following" tabIndex={-1}>{children}</div>;
}
