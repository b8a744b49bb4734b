// The questions the page asks. Each resolves with what was entered, or null when it was left.

import { Amount } from "./amount.js";
import { $, h } from "./dom.js";
import { DEVICE_STATE, deviceName, money } from "./text.js";

const NOTES = [500, 1000, 2000, 5000, 10000, 20000];
const SOURCES = [
  ["transit", "Geldtransit (Tresor, Bank)"],
  ["private", "Privat (Einlage, Entnahme)"],
  ["difference", "Differenz"],
];

/** Show `content` in the one dialog; resolves with what is handed to `close`. Escape gives null. */
export function ask(title, build) {
  const dialog = $("dialog");
  return new Promise((resolve) => {
    let answer = null;
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    const { content, onkey, focus, wide } = build(close);
    dialog.classList.toggle("wide", Boolean(wide));
    dialog.replaceChildren(
      h("header", { class: "dialog-head" }, h("h2", { id: "dialog-title" }, title),
        h("button", { type: "button", class: "key quiet", onclick: () => close(null) }, "Zurück")),
      h("div", { class: "dialog-body" }, ...content),
    );
    dialog.onkeydown = (event) => {
      if (onkey && !event.ctrlKey && !event.altKey && onkey(event.key)) event.preventDefault();
    };
    dialog.onclose = () => resolve(answer);
    dialog.showModal();
    focus?.focus();
  });
}

/** A key of a dialog. */
export const button = (text, onclick, kind = "") => h("button", { type: "button", class: `key ${kind}`, onclick }, text);

/** A yes or no question. */
export function confirm(title, text, yes, kind = "danger") {
  return ask(title, (close) => {
    const go = button(yes, () => close(true), kind);
    return { content: [h("p", { class: "say" }, text), h("div", { class: "row" }, go)], focus: go };
  });
}

/** Abort a part-paid sale: what was given back, as {cash_returned?, card_reversed?}. */
export function giveBack(paid, cur) {
  return ask("Verkauf abbrechen?", (close) => {
    const amount = new Amount("Bar zurückgegeben");
    const card = h("input", { type: "checkbox", class: "tick" });
    const take = () =>
      close({
        ...(amount.value > 0 ? { cash_returned: amount.value } : {}),
        ...(card.checked ? { card_reversed: true } : {}),
      });
    const side = h(
      "div",
      { class: "side" },
      h("p", { class: "say" }, "Bereits bezahlt ", h("strong", {}, money(paid, cur)), ". Erst das Geld zurückgeben."),
      h("label", { class: "check" }, card, "Kartenzahlung am Terminal storniert"),
      button("Verkauf abbrechen", take, "danger end"),
    );
    return {
      content: [h("div", { class: "columns" }, side, amount.element)],
      onkey: (key) => amount.type(key),
      focus: amount.element,
    };
  });
}

/** Cash given, in cents: a note by one touch, or typed. */
export function cashGiven(due, cur) {
  return ask("Bar gegeben", (close) => {
    const amount = new Amount("Gegeben");
    const take = () => amount.value > 0 && close(amount.value);
    const side = h(
      "div",
      { class: "side" },
      h("p", { class: "say" }, "Zu zahlen ", h("strong", {}, money(due, cur))),
      h("div", { class: "notes" }, ...NOTES.map((note) => button(money(note).replace(",00", ""), () => close(note)))),
      button("Kassieren", take, "go end"),
    );
    return {
      content: [h("div", { class: "columns" }, side, amount.element)],
      onkey: (key) => amount.type(key) || (key === "Enter" && document.activeElement === amount.element && (take(), true)),
      focus: amount.element,
    };
  });
}

/** An item without a code: {price, text, vat}. `groups` come from the page's configuration. */
export function openItem(groups) {
  return ask("Preis eingeben", (close) => {
    const amount = new Amount("Preis");
    const take = (group) => amount.value > 0 && close({ price: amount.value, text: group.text, vat: group.vat });
    const side = h("div", { class: "side" }, ...groups.map((group) => button(group.text, () => take(group), "go")));
    return {
      content: [h("div", { class: "columns" }, side, amount.element)],
      onkey: (key) => amount.type(key),
      focus: amount.element,
    };
  });
}

/** The counted float: {counted, source?}. `expected` is given once the register named a difference. */
export function tillFloat(expected, counted) {
  return ask("Kasse öffnen", (close) => {
    const amount = new Amount("Gezählter Anfangsbestand");
    if (counted) amount.digits = String(counted);
    amount.show();
    const go = (source) => close({ counted: amount.value, ...(source ? { source } : {}) });
    const side =
      expected === undefined
        ? [h("p", { class: "say" }, "Bargeld in der Schublade zählen und eingeben."), button("Öffnen", () => go(), "go end")]
        : [
            h("p", { class: "say" }, "Laut letztem Abschluss ", h("strong", {}, money(expected)), ". Woher kommt der Unterschied?"),
            ...SOURCES.map(([source, text]) => button(text, () => go(source), "go")),
          ];
    return {
      content: [h("div", { class: "columns" }, h("div", { class: "side" }, ...side), amount.element)],
      onkey: (key) =>
        amount.type(key) ||
        (key === "Enter" && expected === undefined && document.activeElement === amount.element && (go(), true)),
      focus: amount.element,
    };
  });
}

/** The menu: resolves with the chosen action's name. */
export function menu(devices, tillOpen) {
  return ask("Menü", (close) => ({
    content: [
      h("div", { class: "row wrap" },
        button("Zwischenbericht (X)", () => close("report")),
        button("Letzter Bon", () => close("reprint")),
        tillOpen ? button("Kasse abschließen", () => close("close"), "danger") : button("Kasse öffnen", () => close("open"), "go")),
      h("table", { class: "device-table" },
        ...devices.map(([name, device]) =>
          h("tr", { "data-state": device.state },
            h("th", { scope: "row" }, deviceName(name)),
            h("td", {}, DEVICE_STATE[device.state] ?? device.state),
            h("td", {}, device.message ?? "")))),
    ],
  }));
}
