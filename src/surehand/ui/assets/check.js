// A record checked by keyboard alone. The form is a plain one: this only presses what is there. Single
// keys work while the focus is in the record or the answers, and can be switched off on a device.

const OFF = "surehand-check-keys-off";
const TYPED = "textarea, select, input:not([type=radio], [type=checkbox])";

export function checkRecord(page) {
  const form = page.querySelector("[data-check-form]");
  const questions = [...form.querySelectorAll("[data-question]")];
  const keys = document.querySelector("[data-keys]");
  const toGo = form.querySelector("[data-to-go]");
  const note = form.querySelector("textarea[name=note]");
  let here = 0;

  const answerOf = (question) => question.querySelector("[data-answer]:checked");
  const lacks = (question) => ["partly", "not"].includes(answerOf(question)?.value);
  const open = () => questions.filter((question) => !answerOf(question) || (lacks(question) && !themed(question)));
  const themed = (question) => question.querySelector(".sh-gap__themes input:checked");
  const off = () => {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false; // Storage is off: the keys stay on.
    }
  };

  function go(at) {
    here = at;
    questions[at].focus({ preventScroll: true });
    questions[at].scrollIntoView({ block: "nearest" });
  }

  // After an answer that needs nothing more: the next open question, or the button that saves.
  function goOn() {
    const next = questions.findIndex((question) => open().includes(question));
    if (next >= 0) go(next);
    else form.querySelector("button[name=do]").focus();
  }

  function tell() {
    const left = open().length;
    toGo.textContent = left ? `${["", "One answer", "Two answers", "Three answers", "Four answers"][left]} to go` : "";
  }

  function answer(question, key) {
    const choice = [...question.querySelectorAll("[data-answer]")].find((one) => one.dataset.key === key);
    if (!choice) return false;
    choice.checked = true;
    changed(choice);
    if (lacks(question)) go(questions.indexOf(question));
    else goOn();
    return true;
  }

  function theme(question, key) {
    if (!lacks(question)) return false;
    const box = [...question.querySelectorAll(".sh-gap__themes input")].find((one) => one.dataset.key === key);
    if (!box) return false;
    box.checked = !box.checked;
    if (box.checked) box.closest("details")?.setAttribute("open", "");
    changed(box);
    return true;
  }

  function severity(question) {
    if (!lacks(question)) return false;
    const all = [...question.querySelectorAll(".sh-gap__severity input")];
    const next = all[(all.findIndex((one) => one.checked) + 1) % all.length];
    next.checked = true;
    changed(next);
    return true;
  }

  function changed(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function evidence(question) {
    if (!lacks(question)) return false;
    question.querySelector("[data-shown]").focus();
    return true;
  }

  function write() {
    note.closest("details").open = true;
    note.focus();
    return true;
  }

  function save() {
    const first = open()[0];
    if (first) go(questions.indexOf(first));
    else form.requestSubmit(form.querySelector("button[name=do]"));
    return true;
  }

  function press(event) {
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const question = questions[here];
    if (key === "?") return keys.showModal(), true;
    if (key === "Enter") return save();
    if (questions[Number(key) - 1]) return go(Number(key) - 1), true;
    if (key === "Z" && page.dataset.undo) return location.assign(page.dataset.undo), true;
    if (key === "T") return write();
    if (key === "E") return evidence(question);
    if (key === "V") return severity(question);
    return answer(question, key) || theme(question, key);
  }

  page.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || off() || keys.open) return;
    if (target.matches("textarea") && event.key === "Escape") return goOn();
    // Words are chosen with the arrow keys; Enter keeps the choice and comes back.
    if (target.matches("select") && ["Enter", "Escape"].includes(event.key)) {
      event.preventDefault();
      return go(here);
    }
    if (target.closest(TYPED)) return;
    if (event.key === "Enter" && target.closest("a, button, summary")) return;
    if (press(event)) event.preventDefault();
  });

  form.addEventListener("focusin", (event) => {
    const at = questions.indexOf(event.target.closest("[data-question]"));
    if (at >= 0) here = at;
  });
  form.addEventListener("change", tell);

  // Words selected in the record show the gap that is being answered.
  const text = page.querySelector("[data-record-text] .sh-marked");
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    if (!text || !chosen.rangeCount || chosen.isCollapsed || !lacks(questions[here])) return;
    const range = chosen.getRangeAt(0);
    if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return;
    const start = offset(range.startContainer, range.startOffset);
    const words = said(range.cloneContents());
    const trimmed = words.trim();
    if (!trimmed) return;
    const select = questions[here].querySelector("[data-shown]");
    const value = `${start + [...words].length - [...words.trimStart()].length},${[...trimmed].length}`;
    let option = select.querySelector("[data-selected]");
    if (!option) {
      option = document.createElement("option");
      option.dataset.selected = "";
      select.append(option);
    }
    option.value = value;
    option.textContent = trimmed.length > 90 ? `${trimmed.slice(0, 90)}…` : trimmed;
    select.value = value;
  });

  // The numbers of the reasons stand in the text and are none of its characters. A character here is
  // one of Python’s, not two halves of one.
  function said(fragment) {
    fragment.querySelectorAll(".sh-marked__number").forEach((number) => number.remove());
    return fragment.textContent;
  }

  function offset(container, at) {
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(container, at);
    return [...said(before.cloneContents())].length;
  }

  page.querySelector("[data-show-keys]").addEventListener("click", () => keys.showModal());
  const box = keys.querySelector("[data-keys-off]");
  box.checked = off();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(OFF, box.checked ? "1" : "0");
    } catch {
      // As above.
    }
  });
  keys.addEventListener("close", () => go(here));

  tell();
  if (!document.querySelector(".nhsuk-error-summary")) {
    const next = questions.findIndex((question) => open().includes(question));
    here = Math.max(next, 0);
    questions[here].focus({ preventScroll: true });
  }
}
