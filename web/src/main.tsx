import { effect } from "@preact/signals";
import { LocationProvider } from "preact-iso";
import { render } from "preact";
import { CurrentView } from "./parts/current-view";
import { Shell } from "./parts/shell";
import { HERE, rowOf } from "./routes";
import { isLoggedIn } from "./session";
import { goLive } from "./stream";
import { language, speak, speakPlainly } from "./text";
import "./own-language";
import "./style.css";

function App() {
  return (
    <LocationProvider scope={HERE}>
      <div id="app">
        <Shell><CurrentView /></Shell>
      </div>
    </LocationProvider>
  );
}

function start(): void {
  render(<App />, document.body);
  // What visitors watch goes live by itself.
  effect(() => {
    if (isLoggedIn.value) goLive();
  });
}

/** A page that nobody sees isn't painted. */
const PAINT_MS = 300;

/** Ends once what the server wrote is to be read. */
function painted(): Promise<unknown> {
  return new Promise((resolve) => {
    new PerformanceObserver(resolve).observe({ type: "paint", buffered: true });
    setTimeout(resolve, PAINT_MS);
  });
}

// What the server wrote stays where there is no view for it, and elsewhere until the view and its
// words are there: nothing goes away under the reader's eyes, or under what is being typed.
const first = rowOf(location.pathname);
if (first !== undefined)
  void painted()
    .then(() => Promise.all([first.view.load(), speak(language.value)]))
    .catch(() => speakPlainly(language.value)) // in which it says that the view couldn't be loaded
    .then(start);
