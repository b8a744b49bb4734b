// The cashier's page: what was pressed becomes a command, what was published becomes the picture.

import * as actions from "./actions.js";
import { load } from "./config.js";
import * as dialogs from "./dialogs.js";
import { $, h } from "./dom.js";
import { Link } from "./link.js";
import { fitOffer, turnOffer } from "./offer.js";
import { money, quantity as quantityText, readQuantity } from "./text.js";
import { drawAlerts, drawBar, drawNotice, drawOverlay, drawSale } from "./view.js";

const NO_SALE = { status: "none", lines: [], total: 0, paid: 0, due: 0, change: 0, message: "", cur: "EUR" };
const KEYS = [
  ["7"], ["8"], ["9"], ["⌫", "edit"],
  ["4"], ["5"], ["6"], ["×", "edit"],
  ["1"], ["2"], ["3"], ["Preis", "edit"],
  ["0"], [","], ["⏎", "enter"],
];
const SHORTCUTS = { F2: "void-line", F4: "abort", F6: "pay-exact", F7: "pay-given", F8: "pay-card", F9: "reprint", F10: "open-menu", F3: "open-actions" };

const page = { orders: null, sheet: null, config: null, link: null, sale: NO_SALE, till: null, info: null, devices: new Map(), alerts: new Map(), selected: null, quantity: "1" };

function draw() {
  drawSale(page.sale, page.till, page.selected, select);
  drawBar(page.till, [...page.devices].toSorted(([a], [b]) => a.localeCompare(b)), page.info);
  drawAlerts([...page.alerts.values()]);
  fitOffer(); // once all beside it has its height
}

function onDocument(topic, document) {
  const [kind, name, station] = topic.split("/");
  const put = (map, key) => (document ? map.set(key, document) : map.delete(key));
  if (kind === "info") page.info = document;
  else if (kind === "alert") put(page.alerts, name);
  else if (name === "dev") put(page.devices, station);
  else if (name === "orders") page.orders = document;
  else if (station !== page.config.station) return;
  else if (name === "till") page.till = document;
  else if (name === "sale") showSale(document ?? NO_SALE);
  draw();
}

function showSale(sale) {
  if (sale.id !== page.sale.id || !sale.lines.some((line) => line.n === page.selected)) page.selected = null;
  if (sale.rev !== page.sale.rev) drawNotice(null); // it spoke of what was there before
  page.sale = sale;
}

function select(n) {
  page.selected = page.selected === n ? null : n;
  draw();
}

async function send(name, args = {}, document = null) {
  drawNotice(null);
  const reply = await page.link.send(name, args, document?.rev);
  drawNotice(reply);
  return reply;
}

function setQuantity(text) {
  page.quantity = text;
  $("quantity").textContent = `${quantityText(text)} ×`;
  $("quantity").hidden = text === "1";
}

async function add(args) {
  const amount = page.quantity;
  setQuantity("1");
  await send("sale.add", { ...args, quantity: amount });
}

function enter() {
  const code = $("entry").value.trim();
  $("entry").value = "";
  if (code) add({ code });
}

function multiply() {
  const wanted = readQuantity($("entry").value.trim());
  if (wanted === null) {
    drawNotice({ status: "rejected", message: "Erst die Menge eingeben, dann ×.", next: "" });
    return;
  }
  $("entry").value = "";
  setQuantity(wanted);
}

async function price() {
  const item = await dialogs.openItem(page.config.groups);
  if (item) await add(item);
}

async function payGiven() {
  const sale = page.sale; // the one that was seen when the question was asked
  const given = await dialogs.cashGiven(sale.due, sale.cur);
  if (given) await send("sale.pay", { type: "cash", given }, sale);
}

async function abort() {
  if (page.sale.card) return send("card.abort");
  const sale = page.sale;
  const args =
    sale.paid > 0
      ? await dialogs.giveBack(sale.paid, sale.cur)
      : (await dialogs.confirm("Verkauf abbrechen?", "Alle Positionen werden verworfen.", "Verkauf abbrechen")) && {};
  if (args) await send("sale.abort", args, sale);
}

async function openTill() {
  const first = await dialogs.tillFloat();
  if (!first) return;
  const reply = await send("till.open", first);
  if (reply.code !== "float_differs") return;
  const second = await dialogs.tillFloat(reply.result?.expected, first.counted);
  if (second) await send("till.open", second);
}

/** The last receipt again; without a printer as a QR code, of the open sale once it is paid. */
function receipt() {
  if (!page.sale.unprintable) return send("receipt.reprint");
  const open = ["open", "paying"].includes(page.sale.status);
  return open ? send("sale.hand_over", { by: "qr" }, page.sale) : send("receipt.offer", { by: "qr" });
}

async function openMenu() {
  const actions = {
    report: () => send("till.report"),
    reprint: receipt,
    open: openTill,
    close: async () => perform((await sheet()).groups.flatMap((group) => group.actions).find((one) => one.command === "till.close")),
  };
  const chosen = await dialogs.menu([...page.devices], page.till?.open === true);
  await actions[chosen]?.();
}

/** What the page can propose for a field. */
function known() {
  const groups = (page.orders?.groups ?? []).map((group) => [
    group.group,
    `${group.table ? `Tisch ${group.table}` : `Nr. ${group.number}`} (${money(group.total, page.orders.cur)})`,
  ]);
  const receipt = page.sale.receipt || page.till?.last_receipt;
  const counted = { places: page.till?.counting ?? [], denominations: page.sheet.denominations };
  return { ...counted, groups, line: page.selected ?? undefined, receipt: receipt || undefined, printer: "printer" };
}

/** Send an action; who may not do it can have somebody approve. */
async function act(action, args, seen) {
  const first = await send(action.command, args, seen);
  if (first.code !== "unauthorized" || !page.till?.rights?.length) return first;
  const by = await actions.approval(first.message);
  return by ? send(action.command, { ...args, approval: by }, seen) : first;
}

async function sheet() {
  page.sheet ??= await actions.loadSheet();
  return page.sheet;
}

/** Fill in an action and send it; where the register wants a reason, what was filled in is asked again. */
async function perform(action) {
  const seen = { sale: page.sale, till: page.till }[action.compares]; // when the question was asked
  const fill = action.fields.length ? actions.formOf(action, known()) : null;
  let reply = null;
  do {
    const args = fill ? await fill(reply && actions.again(reply)) : { ...action.fixed };
    if (!args) return;
    reply = await act(action, args, seen);
  } while (fill && reply.code === "reason_required");
  if (action.shows && reply.result) await actions.showResult(page.sheet, action.title, reply.result);
}

async function openActions() {
  const action = await actions.chooseAction(await sheet(), page.till?.rights ?? []);
  if (action) await perform(action);
}

const ACTIONS = {
  "open-actions": openActions,
  "void-line": () => send("sale.void_line", page.selected === null ? {} : { line: page.selected }, page.sale),
  abort,
  reprint: receipt,
  "pay-exact": () => send("sale.pay", { type: "cash" }, page.sale),
  "pay-given": payGiven,
  "pay-card": () => send("sale.pay", { type: "card" }, page.sale),
  "open-till": openTill,
  "open-menu": openMenu,
  quantity: () => setQuantity("1"),
  "offer-turn": turnOffer,
};

function press(key) {
  const entry = $("entry");
  if (key === "⌫") entry.value = entry.value.slice(0, -1);
  else if (key === "×") multiply();
  else if (key === "Preis") price();
  else if (key === "⏎") enter();
  else entry.value += key;
}

/** Codes typed or scanned by a keyboard scanner always land in the entry. */
function toEntry() {
  if (!$("dialog").open) $("entry").focus({ preventScroll: true });
}

function wire() {
  const NAMES = { "⌫": "Löschen", "×": "Menge", "⏎": "Eingeben" };
  $("keys").append(
    ...KEYS.map(([key, kind = ""]) =>
      h("button", { type: "button", class: `key ${kind}`, "aria-label": NAMES[key], tabindex: "-1", onclick: () => press(key) }, key)),
  );
  for (const [id, action] of Object.entries(ACTIONS)) {
    $(id).addEventListener("click", async () => {
      await action();
      toEntry();
    });
  }
  for (const [key, id] of Object.entries(SHORTCUTS)) $(id).setAttribute("aria-keyshortcuts", key);
  $("entry-form").addEventListener("submit", (event) => {
    event.preventDefault();
    enter();
  });
  document.addEventListener("keydown", (event) => {
    if ($("dialog").open) return;
    const id = SHORTCUTS[event.key];
    if (id) {
      event.preventDefault();
      $(id).click();
    } else if (event.key === "*" && event.target === $("entry")) {
      event.preventDefault();
      multiply();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey && event.key !== " ") toEntry();
  });
  $("keys").addEventListener("click", toEntry);
  addEventListener("resize", fitOffer);
}

async function start() {
  wire();
  draw();
  try {
    page.config = await load();
  } catch (error) {
    $("overlay-title").textContent = "nicht eingerichtet";
    $("overlay-text").textContent = error.message;
    return;
  }
  const onState = (link) => {
    drawOverlay(link);
    if (link === "up") toEntry();
    else if ($("dialog").open) $("dialog").close();
  };
  page.link = new Link(page.config, { onDocument, onState });
  drawOverlay("lost");
  page.link.open();
}

start();
