// Draws documents. A pure function of them into the page: nothing is remembered and nothing is added up here.

import { $, h } from "./dom.js";
import { drawOffer } from "./offer.js";
import { DEVICE_STATE, SALE_STATUS, day, deviceName, money, quantity } from "./text.js";

const QUIET = ["ready", "busy"];
const LASTING = ["journal", "clock", "power", "place"]; // shown in the bar only when something is wrong

function lineOf(line, sale, selected, select) {
  const kind = line.voided ? " struck" : line.voids ? " negative" : "";
  return h(
    "li",
    { class: `line${kind}`, "data-n": line.n },
    h(
      "button",
      { type: "button", "aria-pressed": String(selected === line.n), onclick: () => select(line.n) },
      h("span", { class: "line-text" }, (line.voids ? "Storno: " : "") + line.text),
      h("span", { class: "line-amount" }, money(line.amount, sale.cur)),
      h("span", { class: "line-detail" },
        line.quantity === "1" ? "" : `${quantity(line.quantity)} × ${money(line.unit_price, sale.cur)}`),
    ),
  );
}

function bigNumber(sale) {
  if (sale.change > 0) return ["Rückgeld", sale.change];
  if (sale.paid > 0 && sale.due > 0) return ["Noch zu zahlen", sale.due];
  return ["Summe", sale.total];
}

function partsOf(sale) {
  const payments = (sale.payments ?? []).map((payment) => [
    payment.given === undefined ? payment.name : `${payment.name} gegeben`,
    payment.given ?? payment.amount,
  ]);
  const parts = payments.length ? [["Summe", sale.total], ...payments] : [];
  return parts.flatMap(([label, cents]) => [h("dt", {}, label), h("dd", {}, money(cents, sale.cur))]);
}

function statusText(sale) {
  if (sale.status === "none") return "";
  if (sale.status === "paying" && sale.paid > 0) return "Teilweise bezahlt";
  const receipt = sale.status === "done" && sale.receipt ? ` · Bon ${sale.receipt}` : "";
  const fetched = sale.offer?.status === "fetched" ? " · Beleg abgerufen" : "";
  return (SALE_STATUS[sale.status] ?? sale.status) + receipt + fetched + (sale.outage ? " · TSE-Ausfall" : "");
}

const NO_PAPER = "Hier ist kein Drucker eingerichtet: den Beleg als QR-Code anbieten.";

/** The sale's column. */
export function drawSale(sale, till, selected, select) {
  const closed = till?.open !== true;
  const empty = sale.lines.length === 0;
  const grown = $("lines").dataset.count !== String(sale.lines.length);
  $("sale").dataset.status = sale.status;
  $("lines").replaceChildren(...sale.lines.map((line) => lineOf(line, sale, selected, select)));
  $("lines").dataset.count = sale.lines.length;
  $("empty").hidden = !empty;
  $("empty-title").textContent = closed ? "Kasse geschlossen" : "Bereit";
  $("empty-text").textContent =
    till?.message || (closed ? "Zum Verkaufen Bargeld zählen und die Kasse öffnen." : "Artikel scannen oder Code eingeben.");
  $("open-till").hidden = !closed;
  drawOffer(sale);
  $("sale-status").textContent = statusText(sale);
  $("sale-message").textContent = sale.card?.message || sale.transfer?.message || sale.message || (sale.unprintable ? NO_PAPER : "");
  $("reprint").textContent = sale.unprintable ? "Beleg als QR-Code" : "Letzter Bon";
  $("parts").replaceChildren(...partsOf(sale));
  const [label, cents] = bigNumber(sale);
  $("big-label").textContent = label;
  $("big").textContent = money(cents, sale.cur);
  const open = ["open", "paying"].includes(sale.status);
  for (const id of ["pay-exact", "pay-given", "pay-card", "void-line"]) $(id).disabled = !open || Boolean(sale.card);
  $("abort").disabled = !open;
  if (grown) $("lines").scrollTop = $("lines").scrollHeight; // last, once everything has its height
}

/** The bar on top. */
export function drawBar(till, devices, info) {
  const state = till?.closing ? "closing" : till?.open ? "open" : "closed";
  $("till-state").textContent = { closing: "Abschluss läuft", open: "Offen", closed: "Geschlossen" }[state];
  $("till-state").dataset.state = state;
  $("badge").textContent =
    { training: "TRAINING", locked: "GESPERRT" }[till?.mode] ?? (info?.mode === "test" ? "TEST" : "");
  $("till-info").textContent = [till?.operator, day(till?.business_day)].filter(Boolean).join(" · ");
  const well = ([, device]) => Number(QUIET.includes(device.state));
  $("devices").replaceChildren(
    ...devices
      .filter(([name, device]) => !(LASTING.includes(name) && QUIET.includes(device.state)))
      .toSorted((a, b) => well(a) - well(b)) // what needs a hand is never the one cut off
      .map(([name, device]) =>
        h("li", { "data-state": device.state, title: device.message || DEVICE_STATE[device.state] || device.state },
          deviceName(name), h("span", { class: "visually-hidden" }, `: ${DEVICE_STATE[device.state] ?? device.state}`)),
      ),
  );
}

/** Alerts, the gravest first. */
export function drawAlerts(alerts) {
  const order = ["critical", "warning", "info"];
  $("alerts").replaceChildren(
    ...alerts
      .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
      .map((alert) => h("p", { "data-severity": alert.severity }, alert.text_de)),
  );
}

const COVER = {
  lost: "Verbindung zur Kasse wird aufgebaut …",
  off: "Die Kasse läuft gerade nicht. Die Anzeige wartet auf sie …",
};

/** The grey cover while what is on the page may be out of date: `link` is "up", "off" or "lost". */
export function drawOverlay(link) {
  $("overlay").hidden = link === "up";
  $("overlay-text").textContent = COVER[link] ?? "";
  document.querySelector("main").inert = link !== "up";
}

/** One sentence above the entry: a reply that is not what was asked for, or a confirmation. */
export function drawNotice(reply) {
  const good = reply === null || ["ok", "accepted"].includes(reply.status);
  $("notice").dataset.kind = good ? "good" : "bad";
  $("notice").textContent = reply === null ? "" : [reply.message, reply.next].filter(Boolean).join(" ");
}
