import { configure } from "/relationships/static/latest/elements.js";

configure({ headers: async () => ({ Authorization: `Bearer ${window.token}` }) });
