// Who is logged in reads in the language of the account, in every browser; a link's `?lang=` alone
// goes before it. It is kept here, too, so that the next page speaks it from the start.
import { effect } from "@preact/signals";
import { isLoggedIn } from "./session";
import { resource } from "./store";
import { language, speak } from "./text";

const isLinks = new URLSearchParams(location.search).has("lang");

effect(() => {
  const own = isLoggedIn.value ? resource("/me").state.value.data?.language : undefined;
  if (own !== undefined && own !== language.peek() && !isLinks) void speak(own, true);
});
