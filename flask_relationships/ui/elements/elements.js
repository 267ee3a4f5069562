// The module that pages load. It defines every element and exports what scripts of the page may use.

import "./actions.js";
import "./contact-panel.js";
import "./partners.js";
import "./summary.js";

export { Client, Problem, configure } from "./client.js";
