import { wear } from "../wear";
import "./more";
import css from "./personas.css?inline";

wear(css);
