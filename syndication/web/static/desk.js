// Makes the desk fast: keys, the item swapped in beside the list, and the bar that says what is new. Every act also works without it.

const body = document.body;
const all = (selector) => [...document.querySelectorAll(selector)];

// ---- The item beside the list --------------------------------------------------------------------------------------

const rows = () => all("#list .row");
const current = () => rows().findIndex((row) => row === wanted || (!wanted && row.hasAttribute("aria-current")));
const wide = () => matchMedia("(min-width: 60rem)").matches;
let asked = 0;
let wanted = null;
let coming = null; // the item that was asked for and is not here yet: a key pressed meanwhile is meant for it

function show(row) {
  wanted = row;
  const swap = swapIn(row).finally(() => {
    if (coming === swap) coming = null;
  });
  coming = swap;
}

async function swapIn(row) {
  const turn = ++asked;
  let answer;
  try {
    answer = await fetch(row.href, { credentials: "same-origin" });
  } catch {
    location.assign(row.href);
    return;
  }
  const text = await answer.text();
  if (turn !== asked) return; // a later key was faster
  const pane = new DOMParser().parseFromString(text, "text/html").getElementById("pane");
  if (!answer.ok || answer.redirected || !pane) {
    location.assign(row.href);
    return;
  }
  document.getElementById("pane").replaceChildren(...pane.childNodes);
  document.getElementById("pane").scrollTop = 0;
  body.classList.add("has-item");
  for (const one of rows()) one.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", row.href);
}

function step(by) {
  const list = rows();
  const at = current();
  const row = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by];
  if (!row) return;
  row.focus({ preventScroll: true });
  show(row);
}

document.getElementById("list")?.addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (!row || !wide() || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(row);
});

// ---- Keys ----------------------------------------------------------------------------------------------------------

const dialog = document.getElementById("keys");

function reveal(element) {
  element.scrollIntoView({ block: "nearest" });
  element.focus({ preventScroll: true });
}

const acts = {
  next: () => step(1),
  previous: () => step(-1),
  help: () => dialog?.showModal(),
  search: (link) => {
    const field = document.getElementById("q");
    if (field) {
      field.focus();
      field.select();
    }
    else link.click();
  },
  reject: (details) => {
    details.open = true;
    details.querySelector("input[name=reason]").focus();
  },
  diff: reveal,
  media: reveal,
};

function perform(act) {
  const element = document.querySelector(`[data-act="${act}"]`);
  if (acts[act] && (element || acts[act].length === 0)) acts[act](element);
  else if (element instanceof HTMLFormElement) element.requestSubmit();
  else if (element instanceof HTMLAnchorElement) element.click();
  else return false;
  return true;
}

const table = new Map(
  all("#keys [data-key-act]").flatMap((row) => row.dataset.keyKeys.split("|").map((keys) => [keys, row.dataset.keyAct])),
);
let prefix = "";
let sent = false;

function elsewhere(event) {
  const target = event.target;
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key.length > 1) return true;
  if (target.closest("input, textarea, select, [contenteditable]") || dialog?.open) return true;
  // Enter on a link or a button is theirs, but a row of the list that is already shown is opened.
  if (event.key === "Enter" && target.closest("a, button, summary")) return !target.matches(".row[aria-current]");
  return false;
}

document.addEventListener("keydown", (event) => {
  const open = event.target.closest?.("details.reject[open]");
  if (event.key === "Escape" && open) {
    open.open = false;
    open.querySelector("summary").focus();
    event.preventDefault();
    return;
  }
  if (body.dataset.keys !== "on" || elsewhere(event)) return;
  const typed = prefix ? `${prefix} ${event.key}` : event.key;
  prefix = "";
  if ([...table.keys()].some((keys) => keys.startsWith(`${typed} `))) {
    prefix = typed;
    event.preventDefault();
    return;
  }
  const act = table.get(typed);
  if (!act) return;
  if (coming && act !== "next" && act !== "previous") {
    event.preventDefault();
    coming.then(() => perform(act));
  } else if (perform(act)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("a[data-act=help]") || !dialog) return;
  event.preventDefault();
  dialog.showModal();
});

// A decision is sent once, however often its key is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => {
  sent = false;
});

// ---- The text as it reads, instead of its HTML ------------------------------------------------------------------------

const rich = document.querySelector("[data-rich]");

if (rich) {
  const plain = document.querySelector("[data-plain]");
  const written = rich.querySelector("[contenteditable]");
  const field = plain.querySelector("textarea");
  rich.hidden = false;
  plain.hidden = true;
  document.execCommand("defaultParagraphSeparator", false, "p");
  written.addEventListener("input", () => {
    field.value = written.innerHTML;
  });
  written.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
}

// ---- A fault of a written agreement: its line in the text -------------------------------------------------------------

document.querySelector(".faults")?.addEventListener("click", (event) => {
  const line = Number(event.target.closest("a[data-line]")?.dataset.line);
  const text = document.querySelector("textarea#text");
  if (!line || !text) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + lines[line - 1].length);
  text.scrollTop = (line - 4) * parseFloat(getComputedStyle(text).lineHeight);
});

// ---- What is new: said in a bar; the list itself never moves ---------------------------------------------------------

const bar = document.querySelector("[data-fresh]");

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(bar.dataset.fresh, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const { count, more } = await answer.json();
  bar.querySelector("[data-count]").textContent = more ? `${count}+` : count;
  bar.querySelector("a").hidden = count === 0;
}

if (bar?.dataset.fresh) setInterval(ask, 10_000);

// A live region says only what comes into it after the page is there.
const toasts = document.querySelector(".toasts");
if (toasts?.children.length) {
  const told = [...toasts.children];
  toasts.replaceChildren();
  setTimeout(() => toasts.replaceChildren(...told), 50);
}
document.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
