// The service worker: without a connection it answers with two pages that are about nobody, and with
// what they load. Nothing else is ever kept on the device; “I’m stuck” (stuck.js) keeps its own queue.
const KEPT = `surehand-${BUILD}`;
const built = new URL(".", self.location).pathname;
const OFFLINE = "/offline/";
const STUCK = "/stuck/offline/";
const LOADED = ["surehand.css", "surehand.js", "fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"].map(
  (name) => built + name,
);

self.addEventListener("install", (event) => {
  const requests = [OFFLINE, STUCK, ...LOADED].map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(requests)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith("surehand-") && name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))));
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin !== self.location.origin || event.request.method !== "GET") return;
  let kept = LOADED.includes(pathname) ? pathname : "";
  if (event.request.mode === "navigate") kept = pathname.startsWith("/stuck/") ? STUCK : OFFLINE;
  if (kept) event.respondWith(fetch(event.request).catch(() => caches.match(kept)));
});
