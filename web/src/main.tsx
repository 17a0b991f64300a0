import { lazy, LocationProvider, ErrorBoundary, Route, Router } from "preact-iso";
import { render } from "preact";
import { Shell } from "./parts/shell";
import { speak, language } from "./text";
import Missing from "./views/missing";
import "./style.css";

const Home = lazy(() => import("./views/home"));
const Signup = lazy(() => import("./views/signup"));

// Paths whose views are here; links to others load their page.
const HERE = /^\/(signup|login)?$/;

function App() {
  return (
    <LocationProvider scope={HERE}>
      <div id="app">
        <Shell>
          <ErrorBoundary>
            <Router>
              <Route path="/" component={Home} />
              <Route path="/signup" component={Signup} />
              <Route path="/login" component={Signup} />
              <Route default component={Missing} />
            </Router>
          </ErrorBoundary>
        </Shell>
      </div>
    </LocationProvider>
  );
}

// Words that are still on their way come before the first paint, or the page would change its
// language under the reader's eyes.
void speak(language.value).then(() => {
  render(<App />, document.body);
});
