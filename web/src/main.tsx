import { lazy, LocationProvider, ErrorBoundary, Route, Router } from "preact-iso";
import { render } from "preact";
import { Shell } from "./parts/shell";
import { speak, language } from "./text";
import { HERE, isHere } from "./here";
import Missing from "./views/missing";
import "./style.css";

const Home = lazy(() => import("./views/home"));
const Signup = lazy(() => import("./views/signup"));


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

// What the server wrote stays where there is no view for it, and elsewhere until the view and its
// words are there: nothing goes away under the reader's eyes, or under what is being typed.
if (isHere(location.pathname)) {
  const view = location.pathname === "/" ? Home : Signup;
  void Promise.all([view.preload(), speak(language.value)]).then(() => render(<App />, document.body));
}
