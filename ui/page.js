// Gradio takes its words from the same name.
document.documentElement.lang = navigator.language.startsWith("de") ? "de" : "en";
// Gradio's canvas takes its colours from the address alone, once.
const colours = localStorage.getItem("omniedit-colours"), wanted = { Light: "light", Dark: "dark" }[colours] ?? null;
const here = new URL(location);
if (colours && here.searchParams.get("__theme") !== wanted) {
  if (wanted) here.searchParams.set("__theme", wanted);
  else here.searchParams.delete("__theme");
  location.replace(here);
}
// The colours that a person chooses by a name of looks.THEMES, or has chosen before; Gradio follows the system.
const theme = name => {
  if (name) localStorage.setItem("omniedit-colours", name);
  const chosen = localStorage.getItem("omniedit-colours");
  if (!chosen) return ["As the system"];
  const dark = { Light: false, Dark: true }[chosen] ?? matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("dark", dark);
  return [chosen];
};
// The canvas names its tools in the person's language; their places are the same in all.
const tool = {
  brush: "#canvas .half-container:not(.right) button:nth-of-type(2)",
  erase: "#canvas .half-container:not(.right) button:nth-of-type(3)",
  paste: "#canvas .half-container:has(button:first-of-type.highlight) + .right button:nth-of-type(2)",
  undo: "#canvas .separator + button:not(:disabled)", redo: "#canvas .separator + button + button:not(:disabled)",
};
// A plan's picture is pressed to show another thing; what reads the page aloud needs its name, and is told the news.
new MutationObserver(() => {
  for (const button of document.querySelectorAll("#plan-picture .image-container > button:not([aria-label])"))
    button.setAttribute("aria-label", document.documentElement.lang === "de" ? "Was sich ändern würde" : "What would change");
  for (const news of document.querySelectorAll(":is(#notice, #facts, #plan-says):not([role])"))
    news.setAttribute("role", "status");
}).observe(document, { childList: true, subtree: true });
// Gradio has the canvas send its pictures anew whenever anything on the page changes its state, at every letter that is
// typed. What the server has got some minutes ago is not sent again; its answer is known.
const sent = new Map(), KEPT = 20 * 60e3, send = window.fetch;
window.fetch = async (address, options) => {
  const files = /\/upload$/.test(address) && options?.body instanceof FormData ? options.body.getAll("files") : [];
  if (files.length !== 1 || !window.crypto?.subtle) return send(address, options);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await files[0].arrayBuffer()));
  const name = `${files[0].name} ${digest}`, known = sent.get(name);
  if (!known || Date.now() - known.at > KEPT) {
    const answer = await send(address, options);
    if (!answer.ok) return brought(), answer;
    sent.set(name, { at: Date.now(), text: await answer.text() });
  }
  return new Response(sent.get(name).text, { headers: { "Content-Type": "application/json" } });
};
// The canvas tells of an upload whenever it is read or laid out anew; a person's own picture is what comes by these. It
// goes by the server: what the canvas has got from there it does not send back until somebody paints on it.
const BRING = "input:has(+ #bring)";
const arrived = () => document.querySelector("#arrived")?.click();
const brought = () => document.body.classList.remove("bringing");
const put = (file, door) => {
  const files = new DataTransfer();
  files.items.add(file);
  door.files = files.files;
  door.dispatchEvent(new Event("change", { bubbles: true }));
};
const on = (kind, came) => document.addEventListener(kind, e => {
  const file = e.target.closest?.("#canvas") && came(e)?.[0];
  if (!file) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  if (kind === "drop") e.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
  else e.target.value = ""; // the same file may come again
  put(file, document.querySelector(BRING));
}, true);
on("change", e => e.target.type === "file" && e.target.files);
on("drop", e => e.dataTransfer.files);
document.addEventListener("change", e => {
  if (!e.target.matches?.(BRING) || !e.target.files.length) return;
  document.body.classList.add("bringing");
  offer(e.target.files[0]);
}, true);
document.addEventListener("click", e => {
  if (!e.target.closest?.("#canvas .empty")) return;
  const door = document.querySelector(BRING);
  door.value = "";
  door.click();
});
document.addEventListener("click", e => e.target.closest?.(tool.paste) && (setTimeout(arrived), offer()), true);
// A result among these says how it was made (recipe.py). It is gone on from, or, by a button, given to the door that
// brings all of that back.
let result = null;
const DOOR = "input[type=file][accept*='.tiff']";
document.addEventListener("change", e => e.target.matches?.(DOOR) && offer(), true);
const offer = async file => {
  const made = file?.type === "image/png" && (await file.slice(0, 1 << 16).text()).includes("iTXtomniedit\0");
  result = made ? file : null;
  document.body.classList.toggle("result-came", made);
};
document.addEventListener("click", e => {
  if (e.target.closest?.("#examples, #history, #tree, #again, #step-back, #step-forth")) offer();
  if (!result || !e.target.closest?.("#recall")) return;
  put(result, document.querySelector(DOOR));
  offer();
});
// While the picture is held, or the key O, the original is seen in its place.
const original = seen => {
  const held = document.querySelector("#flat:is(.held, .full) img"), before = document.querySelector("#compare img");
  if (!held || !before || seen === "after" in held.dataset) return;
  if (seen) [held.dataset.after, held.src] = [held.src, before.src];
  else { held.src = held.dataset.after; delete held.dataset.after }
};
document.addEventListener("pointerdown", e => e.target.closest?.("#flat.held img") && original(true));
// A corrected field gives way to the form of its task; who works by keys goes on at the tab of that.
const focusTask = () => {
  if (document.activeElement === document.body) document.querySelector("#tasks button[aria-selected=true]")?.focus();
};
// Screens of phones have several dots for a pixel of a page.
const dots = () => document.documentElement.style.setProperty("--dot", 1 / devicePixelRatio);
dots();
addEventListener("resize", dots);
// A picture at 100 % is moved by drawing it; touch screens do so by themselves.
document.addEventListener("pointermove", e => {
  const full = e.buttons === 1 && e.pointerType === "mouse" && e.target.closest?.("#flat.full");
  if (full) full.scrollBy(-e.movementX, -e.movementY);
});
for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => original(false));
const fields = "input:not([type=radio], [type=checkbox], [type=range]), textarea, [contenteditable]";
const typing = e => e.target.closest?.(fields) || e.ctrlKey || e.metaKey || e.altKey;
// While an edit runs its line is locked: what is typed on is meant for that. Who pressed Enter goes on there.
const running = () => !!document.querySelector("#edit:disabled");
let line = null;
const began = () => { line = document.activeElement };
const ended = () => {
  if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) line?.focus({ preventScroll: true });
};
// Single keys are switched off by who presses them unmeant, by voice for example.
const single = wanted => {
  if (wanted !== undefined) localStorage.setItem("omniedit-keys", wanted ? "on" : "off");
  return [localStorage.getItem("omniedit-keys") !== "off"];
};
// Keys: O holds the original, the others press what they stand for.
const keys = {
  b: tool.brush, e: tool.erase, z: tool.undo, Z: tool.redo, u: "#step-back", U: "#step-forth",
  p: "#mask-outline", i: "#mask-invert", "+": "#mask-grow", "-": "#mask-shrink", f: "#mask-feather", x: "#mask-clear",
  k: "#mask-keep", m: "#mask-use",
};
document.addEventListener("keydown", e => {
  if (typing(e) || e.repeat || !single()[0]) return;
  if (e.key.toLowerCase() === "o") original(true);
  else if (keys[e.key] && !running()) document.querySelector(keys[e.key])?.click();
});
document.addEventListener("keyup", e => e.key.toLowerCase() === "o" && original(false));
