import { wear } from "../wear";
import css from "./more.css?inline";

wear(css);
