import { effect } from "@preact/signals";
import { LocationProvider, ErrorBoundary, Route, Router } from "preact-iso";
import { render } from "preact";
import { Shell } from "./parts/shell";
import { HERE, isFor, ROWS, rowOf, type Row } from "./routes";
import { loginLink } from "./next";
import { isLoggedIn } from "./session";
import { goLive } from "./stream";
import { speak, language } from "./text";
import Missing from "./views/missing";
import "./own-language";
import "./style.css";

/** The view, or the way to it for who has to log in first. */
function Guarded({ row: { view: View, who } }: { row: Row }) {
  if (who !== "users" || isLoggedIn.value) return <View />;
  location.replace(loginLink(location.pathname + location.search));
  return null;
}

function App() {
  return (
    <LocationProvider scope={HERE}>
      <div id="app">
        <Shell>
          <ErrorBoundary>
            <Router>
              {ROWS.filter(isFor).map((row) => <Route key={row.path + row.who} path={row.path} row={row} component={Guarded} />)}
              <Route default component={Missing} />
            </Router>
          </ErrorBoundary>
        </Shell>
      </div>
    </LocationProvider>
  );
}

// What the server wrote stays where there is no view for it, and elsewhere until the view and its
// words are there: nothing goes away under the reader's eyes, or under what is being typed.
const first = rowOf(location.pathname);
if (first !== undefined)
  void Promise.all([first.view.preload(), speak(language.value)]).then(() => {
    render(<App />, document.body);
    // What visitors watch goes live by itself.
    effect(() => {
      if (isLoggedIn.value) goLive();
    });
  });
