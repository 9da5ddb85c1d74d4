// Progressive enhancement only: every page works without this file.
import { Button, Checkboxes, CharacterCount, ErrorSummary, Radios, Tabs, createAll } from "nhsuk-frontend";
import htmx from "htmx.org";
import { checkRecord } from "./check.js";
import { judgeTogether } from "./group.js";
import { startPractice } from "./practice.js";
import { keepOffline, startStuck } from "./stuck.js";

const script = document.currentScript?.src;

window.htmx = htmx;
// The content policy allows no inline styles and no evaluated code.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;

// "/" goes to the search box, unless something is being typed.
function searchKey(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("[data-search]");
  if (!box || !box.offsetParent) return;
  event.preventDefault();
  box.focus();
}

// A menu closes when you press Escape or touch elsewhere.
function closeMenus(event) {
  if (event.type === "keydown" && event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.sh-menu[open]")) {
    if (event.type === "click" && menu.contains(event.target)) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (event.type === "keydown" && inside) menu.querySelector("summary").focus();
  }
}

// A form marked data-keep="name" keeps its text in this tab through an error, a time-out or a lost
// connection, for the person who typed it; signing out forgets it. A page that shows the work was done says
// so with <body data-kept="name">, and the text is forgotten. With data-keep-over it also takes the place of
// what stands there already, and what is marked data-restored says so.
function keepForm(form) {
  const key = `kept:${document.body.dataset.user || ""}:${form.dataset.keep}`;
  const fields = () =>
    [...form.elements].filter((e) => e.name && !["hidden", "password", "file", "submit"].includes(e.type));
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const field of fields()) {
      const choice = field.type === "radio" || field.type === "checkbox";
      const before = kept[choice ? `${field.name}=${field.value}` : field.name];
      if (before === undefined) continue;
      if (choice) field.checked = before;
      else if (!field.value || form.hasAttribute("data-keep-over")) {
        const typed = field.value !== before;
        field.value = before;
        if (typed) form.querySelectorAll("[data-restored]").forEach((notice) => (notice.hidden = false));
      }
    }
    form.addEventListener("input", () => {
      const now = {};
      for (const field of fields()) {
        if (field.type === "radio" || field.type === "checkbox") now[`${field.name}=${field.value}`] = field.checked;
        else now[field.name] = field.value;
      }
      sessionStorage.setItem(key, JSON.stringify(now));
    });
  } catch {
    // Storage is off or full: the form still works.
  }
}

function forget(names) {
  try {
    for (const name of names.split(" ").filter(Boolean)) {
      for (const key of Object.keys(sessionStorage)) {
        const ours = key.startsWith("kept:") && (name === "*" || key.endsWith(`:${name}`));
        if (ours) sessionStorage.removeItem(key);
      }
    }
  } catch {
    // Nothing was kept.
  }
}

// A filter bar sends itself when a choice is made; without this file it has a button.
function sendOnChange(form) {
  form.querySelectorAll("[data-send]").forEach((button) => (button.hidden = true));
  form.addEventListener("change", () => form.requestSubmit());
}

// A strip that does not fit opens at today.
function showToday(strip) {
  const today = strip.querySelector(".sh-strip__today");
  if (today) strip.scrollLeft = today.offsetLeft - strip.clientWidth / 2;
}

// – and + beside a number box; they are hidden without this file.
function countWithButtons(counter) {
  const box = counter.querySelector("input");
  for (const button of counter.querySelectorAll("[data-count]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const now = Number(box.value || 0) + Number(button.dataset.count);
      box.value = Math.min(Math.max(now, Number(box.min)), Number(box.max));
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

// A form marked data-passkey asks the browser to make (“create”) or show (“get”) a passkey, and sends
// what it answers. Bytes travel as base64url.
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function passkeyAnswer(kind, options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const known of [...(options.excludeCredentials || []), ...(options.allowCredentials || [])]) known.id = bytes(known.id);
  const made = await navigator.credentials[kind]({ publicKey: options });
  const said = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) said[part] = text(made.response[part]);
  }
  return { id: made.id, rawId: made.id, type: made.type, response: said, clientExtensionResults: {} };
}

function askForPasskey(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  form.addEventListener("submit", async (event) => {
    const answer = form.elements.answer;
    if (answer.value || form.elements.name?.value === "") return;
    event.preventDefault();
    problem.hidden = true;
    try {
      answer.value = JSON.stringify(await passkeyAnswer(form.dataset.passkey, JSON.parse(form.dataset.options)));
    } catch {
      problem.hidden = false;
      return;
    }
    HTMLFormElement.prototype.submit.call(form);
  });
}

// A link marked data-line="12" leads into the text of the page’s document, to that line; without the
// script, to the line shown above it.
function leadToLine(link) {
  const text = document.querySelector("textarea[name=text]");
  const line = Number(link.dataset.line);
  if (!text || !line) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const lines = text.value.split("\n");
    const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(from, from + (lines[line - 1] || "").length);
    text.scrollTop = (text.scrollHeight * (line - 4)) / lines.length;
  });
}

function start(scope) {
  scope.querySelectorAll("form[data-passkey]").forEach(askForPasskey);
  scope.querySelectorAll("a[data-line]").forEach(leadToLine);
  scope.querySelectorAll("[data-counter]").forEach(countWithButtons);
  scope.querySelectorAll("[data-strip]").forEach(showToday);
  scope.querySelectorAll("[data-group]").forEach(judgeTogether);
  scope.querySelectorAll("[data-check]").forEach(checkRecord);
  scope.querySelectorAll("form[data-keep]").forEach(keepForm);
  scope.querySelectorAll("form[data-forget]").forEach((form) => form.addEventListener("submit", () => forget("*")));
  scope.querySelectorAll("form[data-send-on-change]").forEach(sendOnChange);
}

document.addEventListener("DOMContentLoaded", () => {
  document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
  forget(document.body.dataset.kept || "");
  for (const part of [Button, Checkboxes, CharacterCount, ErrorSummary, Radios, Tabs]) createAll(part);
  document.querySelector("[data-focus]")?.focus();
  start(document);
  startStuck();
  startPractice();
  keepOffline(script);
});
document.addEventListener("keydown", searchKey);
document.addEventListener("keydown", closeMenus);
document.addEventListener("click", closeMenus);
document.addEventListener("htmx:load", (event) => event.target !== document.body && start(event.target));
