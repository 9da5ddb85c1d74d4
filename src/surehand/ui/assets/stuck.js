// “I’m stuck” on a device that may lose its connection.
//
// A tap is first kept on the device and then sent, so that it survives a lost connection and a closed
// browser. Each question carries a key, so that sending it twice records it once, and the pseudonym of
// whoever asked: on a shared tablet it is shown to nobody else and sent as nobody else.
const QUESTION = "stuck:";
const ASKER = "stuck-asker";
const AGAIN = 30_000;
const data = () => document.body.dataset;

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function questions() {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(QUESTION))
      .map(read)
      .filter(Boolean)
      .sort((a, b) => a.asked_at.localeCompare(b.asked_at));
  } catch {
    return [];
  }
}

const keep = (question) => localStorage.setItem(QUESTION + question.key, JSON.stringify(question));
const drop = (question) => localStorage.removeItem(QUESTION + question.key);
const kept = (question) => localStorage.getItem(QUESTION + question.key) !== null;

// Who is asking: who is signed in; on the page without a connection, who was on this device last.
let confirmed = false;
function asker() {
  if (data().person) return data().person;
  const last = "offline" in data() ? read(ASKER) : null;
  if (!last) return "";
  const fresh = Date.now() - last.seen < 1000 * Number(data().session);
  return fresh || confirmed ? last.person : "";
}

const mine = () => questions().filter((question) => question.person === asker());

function remember() {
  try {
    if (data().person) {
      const [first] = data().user.split(" ");
      const at = JSON.parse(data().stuckAt);
      localStorage.setItem(ASKER, JSON.stringify({ person: data().person, first, at, seen: Date.now() }));
    } else if (!("offline" in data())) localStorage.removeItem(ASKER);
  } catch {
    // Storage is off: “I’m stuck” still works while there is a connection.
  }
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
}

// Sends one question; answers the address of its page, or "" where it has to wait.
async function send(question) {
  const { key, person, service, category, words } = question;
  const asked_at = question.late ? question.asked_at : "";
  let response;
  try {
    response = await fetch(data().stuck, {
      method: "POST",
      body: new URLSearchParams({ key, person, service, category, words, asked_at }),
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    if (kept(question)) keep({ ...question, late: true });
    return "";
  }
  const said = await response.json().catch(() => ({}));
  if (response.ok && said.href) {
    drop(question);
    return said.href;
  }
  if (kept(question)) keep({ ...question, late: true, problem: said.problem || "" });
  return "";
}

// A question does not leave under somebody's hands, but neither does it wait for ever.
let typed = 0;
function typing(question) {
  const words = document.querySelector(`[data-question="${question.key}"] textarea`);
  return Boolean(words) && words === document.activeElement && Date.now() - typed < 2 * AGAIN;
}

let sending = false;
async function sendWaiting() {
  if (sending || !asker()) return;
  sending = true;
  let sent = "";
  for (const question of mine()) {
    if (!question.problem && !typing(question)) sent = (await send(question)) || sent;
  }
  sending = false;
  show(sent);
  if (mine().some((question) => !question.problem)) setTimeout(sendWaiting, AGAIN);
}

const count = (number) => (number === 1 ? "1 question" : `${number} questions`);

// The line on every page that says what waits, or that it was sent.
function show(sent = "") {
  const line = document.querySelector("[data-waiting]");
  if (!line) return;
  const waiting = asker() ? mine() : questions();
  const text = line.querySelector("[data-waiting-text]");
  const link = line.querySelector("a");
  line.hidden = !waiting.length && !sent;
  link.hidden = !asker() || (!waiting.length && !sent);
  link.href = waiting.length ? data().stuck : sent;
  link.textContent = waiting.length ? "See what waits" : "See your question";
  if (!waiting.length) text.textContent = "Your question is sent.";
  else if (asker()) text.textContent = `${count(waiting.length)} waiting to be sent. It goes by itself when the connection is back.`;
  else text.textContent = `${count(waiting.length)} waiting on this device. It is sent when whoever asked signs in here.`;
  list(waiting);
}

// On the page itself: each question that waits, with room for words.
function list(waiting) {
  const section = document.querySelector("[data-waiting-list]");
  if (!section) return;
  const items = section.querySelector("ul");
  section.hidden = !asker() || !waiting.length;
  const keys = section.hidden ? [] : waiting.map((question) => question.key);
  for (const item of [...items.children]) if (!keys.includes(item.dataset.question)) item.remove();
  if (section.hidden) return;
  for (const question of waiting) {
    let item = items.querySelector(`[data-question="${question.key}"]`);
    if (!item) {
      item = section.querySelector("template").content.firstElementChild.cloneNode(true);
      item.dataset.question = question.key;
      item.querySelector("[data-title]").textContent = question.title;
      const when = new Date(question.asked_at);
      const time = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" };
      item.querySelector("[data-when]").textContent = `Asked at ${when.toLocaleTimeString("en-GB", time)}`;
      const words = item.querySelector("textarea");
      words.value = question.words;
      words.addEventListener("input", () => {
        typed = Date.now();
        const now = read(QUESTION + question.key);
        if (now) keep({ ...now, words: words.value });
      });
      item.querySelector("form").addEventListener("submit", (event) => {
        event.preventDefault();
        item.querySelector("[data-saved]").hidden = false;
        words.blur();
        sendWaiting();
      });
      item.querySelector("[data-remove]").addEventListener("click", () => {
        drop(question);
        show();
        document.querySelector("h1").focus();
      });
      items.append(item);
    }
    const problem = item.querySelector("[data-problem]");
    problem.textContent = question.problem || "";
    problem.hidden = !question.problem;
  }
}

async function ask(event) {
  const button = event.submitter;
  if (!button || button.name !== "category") return;
  const form = event.target;
  const question = {
    key: newKey(),
    person: asker(),
    service: form.elements.service?.value || "",
    category: button.value,
    title: button.innerText.trim(),
    asked_at: new Date().toISOString(),
    words: "",
  };
  try {
    keep(question);
  } catch {
    return; // Nothing can be kept here: the form goes its ordinary way.
  }
  event.preventDefault();
  if (form.dataset.busy) return drop(question);
  form.dataset.busy = "yes";
  const href = await send(question);
  delete form.dataset.busy;
  if (href) return location.assign(href);
  show();
  const item = document.querySelector(`[data-question="${question.key}"] [data-title]`);
  item?.focus();
  item?.scrollIntoView({ block: "center" });
  setTimeout(sendWaiting, AGAIN);
}

// The page without a connection: whose question would it be?
function showAsker() {
  if (!("offline" in data())) return;
  const last = read(ASKER);
  const who = asker();
  for (const name of document.querySelectorAll("[data-asker]")) name.textContent = last?.first || "";
  for (const part of document.querySelectorAll("[data-when-asker]")) {
    const state = who ? "known" : last ? "unsure" : "nobody";
    part.hidden = part.dataset.whenAsker !== state;
  }
  const places = document.querySelector("[data-places]");
  if (!places || !who) return;
  places.replaceChildren(
    ...last.at.map(([code, name]) => new Option(name, code)),
  );
  places.closest("div").hidden = last.at.length < 2;
}

export function startStuck() {
  remember();
  showAsker();
  document.querySelector("form[data-ask]")?.addEventListener("submit", ask);
  document.querySelector("[data-it-is-me]")?.addEventListener("click", () => {
    confirmed = true;
    showAsker();
    show();
    document.querySelector("[data-ask] button")?.focus();
  });
  for (const button of document.querySelectorAll("[data-not-me]")) {
    button.addEventListener("click", () => {
      localStorage.removeItem(ASKER);
      confirmed = false;
      showAsker();
      show();
      document.querySelector("h1").focus();
    });
  }
  // Signing out with something unsent: say so first.
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("form[data-forget]")) return;
      const waiting = mine().length;
      const stay = `${count(waiting)} waiting to be sent. If you sign out, it stays on this device and is sent when you sign in here again. Sign out now?`;
      if (waiting && !confirm(stay)) {
        event.preventDefault();
        event.stopPropagation();
      } else localStorage.removeItem(ASKER);
    },
    true,
  );
  addEventListener("online", sendWaiting);
  document.addEventListener("focusout", () => setTimeout(sendWaiting, 500));
  show();
  sendWaiting();
}

// Only where somebody is signed in: the sign-in page has nothing to keep.
export function keepOffline(script) {
  if (!data().person || !navigator.serviceWorker) return;
  navigator.serviceWorker.register(new URL("offline.js", script), { scope: "/" }).catch(() => {
    // The site is served without encryption, or the browser forbids it: there is no offline page.
  });
}
