// Gradio takes its words from the same name.
document.documentElement.lang = navigator.language.startsWith("de") ? "de" : "en";
// Gradio's canvas takes its colours from the address alone, once.
const wanted = { Light: "light", Dark: "dark" }[localStorage.getItem("omniedit-colours")] ?? null, here = new URL(location);
if (here.searchParams.get("__theme") !== wanted) {
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
// A plan's picture is pressed to show another thing; what reads the page aloud needs its name.
new MutationObserver(() => {
  for (const button of document.querySelectorAll("#plan-picture .image-container > button:not([aria-label])"))
    button.setAttribute("aria-label", "What would change");
}).observe(document, { childList: true, subtree: true });
// The canvas tells of an upload whenever it is read or laid out anew; a person's own picture is what comes by these.
const arrived = () => document.querySelector("#arrived")?.click();
const on = (kind, came) => document.addEventListener(kind, e => came(e) && setTimeout(arrived), true);
const onCanvas = e => e.target.closest?.("#canvas");
on("change", e => onCanvas(e) && e.target.type === "file");
on("drop", onCanvas);
on("paste", e => e.clipboardData?.files.length);
on("click", e => e.target.closest?.(tool.paste));
// While the picture is held, or the key O, the original is seen in its place.
const original = seen => {
  const held = document.querySelector("#flat:is(.held, .full) img"), before = document.querySelector("#compare img");
  if (!held || !before || seen === "after" in held.dataset) return;
  if (seen) [held.dataset.after, held.src] = [held.src, before.src];
  else { held.src = held.dataset.after; delete held.dataset.after }
};
document.addEventListener("pointerdown", e => e.target.closest?.("#flat.held img") && original(true));
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
// Keys: O holds the original, the others press what they stand for.
const keys = {
  b: tool.brush, e: tool.erase, z: tool.undo, Z: tool.redo, u: "#step-back", U: "#step-forth",
  p: "#mask-outline", i: "#mask-invert", "+": "#mask-grow", "-": "#mask-shrink", f: "#mask-feather", x: "#mask-clear",
  k: "#mask-keep", m: "#mask-use",
};
document.addEventListener("keydown", e => {
  if (typing(e) || e.repeat) return;
  if (e.key.toLowerCase() === "o") original(true);
  else if (keys[e.key]) document.querySelector(keys[e.key])?.click();
});
document.addEventListener("keyup", e => e.key.toLowerCase() === "o" && original(false));
