// The practice ECM: signs of life, alerts that arrive while somebody works, a connection that is lost.
// Every page of it works without this file: what has arrived then stands at the top of the next page.
const BEAT = 15_000;
const data = () => document.body.dataset;

function token() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
}

// Says that somebody is there; answers what has arrived, or null where there is no connection.
async function beat() {
  const body = new URLSearchParams({ next: location.pathname + location.search });
  try {
    const response = await fetch(data().there, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token() },
      signal: AbortSignal.timeout(10_000),
    });
    if (response.redirected) location.assign(response.url);
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function lost(is) {
  const line = document.querySelector("[data-lost]");
  if (line) line.hidden = !is;
}

// What has come since the page was made: an alert as a sheet over the page, which can be put aside.
function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const asks = answer.querySelector("[data-ask]");
  const asked = document.querySelector("[data-ask]");
  if (asks && asked && asks.dataset.ask !== asked.dataset.ask) asked.replaceWith(asks);
  const fresh = answer.querySelector("[data-arrived]");
  const shown = document.querySelector("[data-arrived]");
  if (!fresh || !shown) return;
  const clock = document.querySelector("[data-clock]");
  if (clock) clock.textContent = fresh.dataset.clock;
  const before = shown.dataset.seen.split(" ");
  const isNew = fresh.dataset.seen.split(" ").some((code) => code && !before.includes(code));
  shown.dataset.next = fresh.dataset.next;
  if (!isNew) return;
  const known = [...shown.querySelectorAll("[data-alert] h2")].map((heading) => heading.id);
  shown.replaceWith(fresh);
  const alert = [...fresh.querySelectorAll("[data-alert]")].find(
    (one) => !known.includes(one.querySelector("h2").id),
  );
  if (!alert) return fresh.scrollIntoView({ block: "nearest" });
  const back = document.activeElement;
  const aside = alert.querySelector("[data-aside]");
  const away = () => {
    alert.classList.remove("sh-alert--sheet");
    alert.removeAttribute("role");
    aside.hidden = true;
    back?.focus?.();
  };
  alert.classList.add("sh-alert--sheet");
  alert.setAttribute("role", "alertdialog");
  aside.hidden = false;
  aside.addEventListener("click", away);
  alert.addEventListener("keydown", (event) => event.key === "Escape" && away());
  alert.querySelector("h2").focus();
}

let timer;
async function live() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") {
    const html = await beat();
    lost(html === null);
    if (html !== null) show(html);
  }
  const next = Number(document.querySelector("[data-arrived]")?.dataset.next ?? -1);
  timer = setTimeout(live, next < 0 ? BEAT : Math.min(BEAT, 1000 * (next + 1)));
}

// A form is sent only over a connection that is there; until then it waits on the page.
function steady(form) {
  let going = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (going) return;
    going = true;
    const { submitter } = event;
    while ((await beat()) === null) {
      lost(true);
      await new Promise((resume) => {
        const wait = setTimeout(resume, 5_000);
        addEventListener("online", () => (clearTimeout(wait), resume()), { once: true });
      });
    }
    lost(false);
    if (submitter?.name) {
      const pressed = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
      form.append(pressed);
    }
    HTMLFormElement.prototype.submit.call(form);
  });
}

// A field that depends on another is there only when it is asked.
function asked(part) {
  const form = part.closest("form");
  const values = part.dataset.whenIs.split("|");
  const update = () => {
    const chosen = new FormData(form).get(part.dataset.when);
    part.hidden = !values.includes(chosen);
  };
  part.querySelector("[data-when-words]").hidden = true;
  form.addEventListener("change", update);
  update();
}

// A tap on the figure chooses the place and the side; what is chosen is seen on the figure.
function bodyMap(figure) {
  const form = figure.closest("form");
  const pick = (name, value) => form.querySelector(`[name="${name}"][value="${value}"]`)?.click();
  const update = () => {
    const chosen = new FormData(form);
    for (const path of figure.querySelectorAll("path")) {
      const on = path.dataset.site === chosen.get("f_site") && path.dataset.side === chosen.get("f_side");
      path.classList.toggle("sh-body__on", on);
    }
  };
  figure.addEventListener("click", (event) => {
    const { site, side } = event.target.dataset;
    if (!site) return;
    pick("f_site", site);
    pick("f_side", side);
  });
  form.addEventListener("change", update);
  update();
}

export function startPractice() {
  if (!data().there) return;
  document.querySelectorAll("form[data-steady]").forEach(steady);
  document.querySelectorAll("[data-when-is]").forEach(asked);
  document.querySelectorAll("[data-body]").forEach(bodyMap);
  document.addEventListener("visibilitychange", live);
  addEventListener("online", live);
  const next = Number(document.querySelector("[data-arrived]")?.dataset.next ?? -1);
  timer = setTimeout(live, next < 0 ? BEAT : Math.min(BEAT, 1000 * (next + 1)));
}
