// A room judged in one grid by several assessors at once. Each press is saved by itself with the version
// that was seen; what the server refuses is told in its own words, what could not be sent is kept in this
// tab until it can be, and what others judge appears every few seconds.

const EVERY = 4000; // between two looks at what others did
const IDLE = 120_000; // an untouched page stops asking, so that its session ends as it should
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const KEYS = { 1: "met", 2: "not_met", 3: "help", 4: "less", 0: "clear", Backspace: "clear" };

export function judgeTogether(grid) {
  const find = (selector, scope = grid) => scope.querySelector(selector);
  const store = `kept:${document.body.dataset.user || ""}:group-${grid.dataset.group}`;
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const rows = [...grid.querySelectorAll("[data-row]")];
  const cells = rows.map((row) => [...row.querySelectorAll("[data-cell]")]);
  let state = JSON.parse(grid.dataset.state).rows;
  let sending = null; // the saving that is under way
  let saved = 0; // how often something was
  let touched = Date.now();
  // "row/criterion" → {judged, help, seen}, "row/note" → {note, seen, held}: what is not saved yet.
  const unsaved = new Map(kept());

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(store) || "[]").filter(([id]) => id.split("/")[0] in state);
    } catch {
      return []; // Storage is off: what is not saved yet lives as long as the page.
    }
  }

  function keep() {
    try {
      if (unsaved.size) sessionStorage.setItem(store, JSON.stringify([...unsaved]));
      else sessionStorage.removeItem(store);
    } catch {
      // As above.
    }
  }

  // ---- drawing

  function show(selector, shown) {
    find(selector).hidden = !shown;
  }

  function answerOf(row, code) {
    const waiting = unsaved.get(`${row}/${code}`);
    const [judged, help, seen] = state[row].cells[code] || ["", 0, 0];
    return waiting || { judged, help, seen };
  }

  function drawCell(row, cell) {
    const code = cell.dataset.cell;
    const now = answerOf(row, code);
    for (const button of cell.querySelectorAll("[data-does]")) {
      const does = button.dataset.does;
      const after = change(now, does);
      button.value = [code, after.judged, after.help, now.seen].join("|");
      button.disabled = state[row].locked;
      if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(now.judged === does));
      if (does === "less") button.hidden = !now.help;
      if (does === "help") find("[data-times]", button).textContent = now.help || "";
    }
    find("[data-unsaved]", cell).hidden = !(lost() && unsaved.has(`${row}/${code}`));
  }

  function drawNote(row, tr) {
    const box = find("textarea", tr);
    const waiting = unsaved.get(`${row}/note`);
    if (waiting) box.value = waiting.note;
    else if (document.activeElement !== box) box.value = state[row].note;
    box.readOnly = state[row].locked;
    const save = find("[data-save-note]", tr);
    if (save) save.hidden = !waiting;
    find("[data-unsaved-note]", tr).hidden = !(waiting && (lost() || waiting.held));
  }

  function put(place, html) {
    if (place.drawn === html) return;
    const focused = place.contains(document.activeElement);
    place.drawn = html;
    place.innerHTML = html;
    if (focused) (find("button, a", place) || find("[data-does]", place.closest("tr") || grid))?.focus();
  }

  function draw() {
    rows.forEach((tr, at) => {
      const row = tr.dataset.row;
      if (!(row in state)) return;
      cells[at].forEach((cell) => drawCell(row, cell));
      drawNote(row, tr);
    });
  }

  function drawOthers(answer) {
    const known = rows.map((tr) => tr.dataset.row);
    const changed = Object.keys(answer.rows).sort().join() !== [...known].sort().join();
    show("[data-others]", changed);
    for (const tr of rows) {
      const now = answer.rows[tr.dataset.row];
      if (!now) continue;
      put(find("[data-status]", tr), now.status);
      find("[data-judging]", tr).textContent = now.judging;
    }
    put(find("[data-summary]"), answer.summary);
  }

  function tell(sentences) {
    for (const sentence of sentences) {
      const line = document.createElement("li");
      line.textContent = sentence;
      find("[data-told] ul").append(line);
    }
    if (sentences.length) show("[data-told]", true);
  }

  const lost = () => !find("[data-lost]").hidden || !find("[data-signed-out]").hidden;

  // ---- asking and saving

  // A newer answer replaces an older one; an answer overtaken on its way never does.
  function take(answer) {
    for (const [row, now] of Object.entries(answer.rows)) {
      const before = state[row];
      if (!before) continue;
      for (const [code, cell] of Object.entries(now.cells)) {
        if (before.cells[code] && before.cells[code][2] > cell[2]) now.cells[code] = before.cells[code];
      }
      if (before.note_version > now.note_version) [now.note, now.note_version] = [before.note, before.note_version];
      state[row] = now;
    }
    drawOthers(answer);
  }

  async function ask(address, body) {
    try {
      const reply = await fetch(address, {
        method: body ? "POST" : "GET",
        headers: { Accept: "application/json", "X-CSRFToken": token },
        body,
      });
      const ours = (reply.headers.get("Content-Type") || "").startsWith("application/json");
      show("[data-lost]", reply.status >= 500);
      if (reply.status === 404) return { gone: true };
      show("[data-signed-out]", !ours && reply.status < 500);
      return ours ? await reply.json() : null;
    } catch {
      show("[data-lost]", true);
      return null;
    }
  }

  const codeOf = (id) => id.slice(id.indexOf("/") + 1);

  // What was sent is saved or refused. A refused note stays in its box until it is sent again by hand;
  // what was chosen again meanwhile goes on from the version just saved.
  function settle(row, id, value, refused) {
    const note = codeOf(id) === "note";
    const seen = note ? state[row].note_version : state[row].cells[codeOf(id)]?.[2] || 0;
    const later = unsaved.get(id);
    if (later === value && !(refused && note && !state[row].locked)) unsaved.delete(id);
    else if (later === value) unsaved.set(id, { ...value, seen, held: true });
    else if (!refused) later.seen = seen;
  }

  function send() {
    sending ??= saveAll().finally(() => {
      sending = null;
      draw();
    });
    return sending;
  }

  async function saveAll() {
    let first;
    while ((first = [...unsaved].find(([, value]) => !value.held))) {
      // Everything about one person that is not saved yet goes together; each is still a save of its own.
      const row = first[0].split("/")[0];
      const sent = [...unsaved].filter(([id, value]) => id.startsWith(`${row}/`) && !value.held);
      const body = new URLSearchParams();
      for (const [id, value] of sent) {
        if (id === `${row}/note`) {
          body.set("note", value.note);
          body.set("note_seen", value.seen);
        } else body.append("answer", [codeOf(id), value.judged, value.help, value.seen].join("|"));
      }
      const answer = await ask(document.getElementById(`judge-${row}`).action, body);
      if (!answer) break;
      if (answer.gone) {
        // A colleague took this person out, or gave the group up: the page says so.
        for (const [id] of sent) unsaved.delete(id);
        show("[data-others]", true);
        keep();
        continue;
      }
      take(answer);
      saved += 1;
      for (const [id, value] of sent) settle(row, id, value, answer.refused.includes(codeOf(id)));
      tell(answer.told);
      keep();
      draw();
    }
  }

  async function look() {
    const before = saved;
    const answer = await ask(grid.dataset.group);
    if (answer?.gone) return show("[data-others]", true);
    if (answer && saved === before) take(answer); // else it is older than what the page says
    draw();
    if (answer && unsaved.size) send();
  }

  function change(now, does) {
    if (does === "help") return { ...now, help: Math.min(now.help + 1, 99) };
    if (does === "less") return { ...now, help: Math.max(now.help - 1, 0) };
    if (does === "clear") return { ...now, judged: "" };
    return { ...now, judged: now.judged === does ? "" : does };
  }

  function answer(cell, does) {
    const row = cell.closest("[data-row]").dataset.row;
    if (state[row].locked) return;
    unsaved.set(`${row}/${cell.dataset.cell}`, change(answerOf(row, cell.dataset.cell), does));
    keep();
    drawCell(row, cell);
    send();
  }

  // ---- moving

  function focusCell(at, column) {
    const cell = cells[at]?.[column];
    if (!cell) return false;
    const button = find("[aria-pressed=true]", cell) || find("[data-does]", cell);
    if (button.disabled) return false;
    button.focus();
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }

  function move(cell, down, right) {
    let at = rows.indexOf(cell.closest("[data-row]"));
    let column = cells[at].indexOf(cell);
    do {
      column += right;
      at += down;
    } while (cells[at]?.[column] && !focusCell(at, column));
  }

  // After an answer: the next criterion, or the first one of the next person still to judge.
  function goOn(cell) {
    let at = rows.indexOf(cell.closest("[data-row]"));
    const column = cells[at].indexOf(cell);
    if (focusCell(at, column + 1)) return;
    while (++at < rows.length) if (focusCell(at, 0)) return;
  }

  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (MOVES[event.key]) move(cell, ...MOVES[event.key]);
    else if (KEYS[event.key]) {
      const does = KEYS[event.key];
      const row = cell.closest("[data-row]").dataset.row;
      const same = answerOf(row, cell.dataset.cell).judged === does;
      if (!same) answer(cell, does); // a key says what it says; it takes nothing back
      if (does === "met" || does === "not_met") goOn(cell);
    } else return;
    event.preventDefault();
  });

  grid.addEventListener("click", (event) => {
    const button = event.target.closest("[data-does], [data-save-note], [data-seen]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.does) answer(button.closest("[data-cell]"), button.dataset.does);
    else if ("seen" in button.dataset) {
      find("[data-told] ul").replaceChildren();
      show("[data-told]", false);
    } else saveNote(button.closest("[data-row]"));
  });

  function saveNote(tr) {
    const waiting = unsaved.get(`${tr.dataset.row}/note`);
    if (waiting) unsaved.set(`${tr.dataset.row}/note`, { ...waiting, held: false });
    send();
  }

  let pause;
  grid.addEventListener("input", (event) => {
    const tr = event.target.closest("[data-row]");
    if (!tr || event.target.name !== "note") return;
    const id = `${tr.dataset.row}/note`;
    const seen = unsaved.get(id)?.seen ?? state[tr.dataset.row].note_version;
    unsaved.set(id, { note: event.target.value, seen, held: unsaved.get(id)?.held || false });
    keep();
    drawNote(tr.dataset.row, tr);
    clearTimeout(pause);
    pause = setTimeout(send, 800);
  });
  grid.addEventListener("change", (event) => event.target.name === "note" && send());

  // Only what is saved can be recorded: what is on its way is saved first, and recorded if it is still what
  // was seen when the button was pressed.
  let recording = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!["record-one", "record-ready"].includes(form.id) || !unsaved.size) return;
    event.preventDefault();
    if (recording) return;
    const place = event.submitter.closest("[data-status], [data-summary]");
    const about = form.id === "record-one" ? [place.closest("tr")] : rows;
    const named = event.submitter.name ? `[name=${event.submitter.name}]` : "";
    const seen = about.map(said).join();
    recording = true;
    await send();
    recording = false;
    const button = find(`button[form=${form.id}]${named}`, place);
    if (button && !unsaved.size && about.map(said).join() === seen) form.requestSubmit(button);
    else tell([find("[data-wait]").textContent]);
  });

  // What the page says of a person: each answer, the note and the outcome.
  function said(tr) {
    const answers = [...tr.querySelectorAll("[data-does]")].map((b) => b.textContent + b.ariaPressed);
    return [...answers, find("textarea", tr).value, find("[data-status]", tr).textContent].join();
  }

  for (const kind of ["pointerdown", "keydown", "focusin"]) {
    document.addEventListener(kind, () => {
      const woken = Date.now() - touched > IDLE;
      touched = Date.now();
      if (woken) look();
    });
  }
  window.addEventListener("online", look);
  setInterval(() => document.hidden || Date.now() - touched > IDLE || look(), EVERY);
  draw();
  if (unsaved.size) send();
}
