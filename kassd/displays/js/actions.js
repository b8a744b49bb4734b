// The sheet of actions: what else can be asked of the register, drawn from actions.json, which is made from its
// commands. What is filled in here is only brought into form; whether it may be is the register's to say.

import { ask, button } from "./dialogs.js";
import { h } from "./dom.js";
import { day, money, quantity } from "./text.js";

const PAD = ["7", "8", "9", "4", "5", "6", "1", "2", "3", ",", "0", "⌫"];
const TYPED = ["money", "number", "whole", "lines", "pin"]; // what the keys on the glass can type, as pieces

/** The sheet as the page's server has it; throws when it is not there. */
export async function loadSheet() {
  const answer = await fetch("actions.json");
  if (!answer.ok) throw new Error(`actions.json: ${answer.status}`);
  return answer.json();
}

/** Choose an action; what the person needs somebody else for says so. `rights` empty: nobody has to log in. */
export function chooseAction(sheet, rights) {
  return ask("Aktionen", (close) => {
    const key = (one) => {
      const found = button(one.title, () => close(one));
      if (rights.length && !rights.includes(one.right)) found.append(h("small", {}, "mit Freigabe"));
      return found;
    };
    const group = ({ title, actions }) =>
      h("section", { class: "action-group" }, h("h3", {}, title), h("div", { class: "action-keys" }, ...actions.map(key)));
    return { wide: true, content: sheet.groups.map(group) };
  });
}

/** "12,50" → 1250; null if it is no amount. */
export function cents(text) {
  const match = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text);
  return match && Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/** "1×2, 3" → {"1": "2", "3": "1"}; null if it is no list of lines. */
export function lineQuantities(text) {
  const found = text.split(/\s*[,;]\s+|\s*;\s*|\s+/).map((part) => /^(\d+)(?:[×x*](\d+(?:[.,]\d{1,3})?))?$/.exec(part));
  return found.every(Boolean) ? Object.fromEntries(found.map(([, n, pieces]) => [n, (pieces ?? "1").replace(",", ".")])) : null;
}

const READ = {
  text: (text) => text,
  pin: (text) => text,
  date: (text) => text,
  choice: (text) => text,
  group: (text) => text,
  money: cents,
  whole: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null),
  number: (text) => (/^\d{1,6}([.,]\d{1,3})?$/.test(text) ? text.replace(",", ".") : null),
  lines: lineQuantities,
};
const HINT = { money: "0,00", number: "0", whole: "0", lines: "1×2, 3" };

function select(options, required) {
  const first = required && options.length > 0 ? [] : [["", "–"]];
  return h("select", {}, ...[...first, ...options].map(([value, text]) => h("option", { value }, text)));
}

function input(field, known) {
  if (field.kind === "check") return h("input", { type: "checkbox", class: "tick" });
  if (field.kind === "choice") return select(field.options, field.required);
  if (field.kind === "group") return select(known.groups, field.required);
  const type = { pin: "password", date: "date" }[field.kind] ?? "text";
  const mode = { money: "decimal", number: "decimal", whole: "numeric", pin: "numeric" }[field.kind];
  const given = { autocomplete: "off", placeholder: HINT[field.kind], inputmode: mode, maxlength: 255 };
  const element = h("input", { type, ...given });
  if (known[field.name] !== undefined) element.value = known[field.name];
  return element;
}

/** What is wrong with a field is said at it; `value` null is nonsense. */
function judged(box, value) {
  box.setCustomValidity(value === null ? (box.value.trim() === "" ? "Bitte ausfüllen." : "Das ist keine gültige Angabe.") : "");
  return value;
}

const pieceName = (piece, currency) => money(piece, currency).replace(",00", "").replace(`\u00a0${currency}`, "");
const placeName = ({ drawer, currency }) => (currency === "EUR" ? drawer : `${drawer} · ${currency}`);

/** Pieces of one drawer or purse and currency, with what they add up to. */
function counting(place, known) {
  const sum = h("output", {});
  const boxes = (known.denominations[place.currency] ?? []).map((piece) =>
    [piece, h("input", { autocomplete: "off", inputmode: "numeric", placeholder: "0", maxlength: "5", "data-typed": true })]);
  const pieces = () => boxes.map(([piece, box]) => [piece, READ.whole(box.value.trim() || "0"), box]);
  const add = () => { sum.textContent = money(pieces().reduce((total, [piece, n]) => total + piece * n, 0), place.currency); };
  const element = h("fieldset", { class: "field", oninput: add }, h("legend", {}, placeName(place), sum),
    h("div", { class: "count-grid" }, ...boxes.map(([piece, box]) => h("label", {}, h("span", {}, pieceName(piece, place.currency)), box))));
  add();
  const read = () => {
    const found = pieces().map(([piece, n, box]) => [piece, judged(box, n)]);
    return found.some(([, n]) => n === null) ? null : Object.fromEntries(found.filter(([, n]) => n > 0));
  };
  return { element, read };
}

/** Everything a closing here must count: {counts}, by drawer or purse, other currencies as name/CHF. */
function countAll(known) {
  const places = known.places.filter((place) => place.due).map((place) => [place, counting(place, known)]);
  const read = () => {
    const found = places.map(([{ drawer, currency }, { read: pieces }]) => [currency === "EUR" ? drawer : `${drawer}/${currency}`, pieces()]);
    return found.some(([, pieces]) => pieces === null) ? null : { counts: Object.fromEntries(found) };
  };
  return { element: h("div", { class: "fields" }, ...places.map(([, { element }]) => element)), read };
}

/** One place of choice: {drawer, currency, count}. */
function countOne(known) {
  const places = known.places.map((place) => [place, counting(place, known)]);
  const which = select(places.map(([place], i) => [i, placeName(place)]), true);
  const show = () => places.forEach(([, { element }], i) => { element.hidden = i !== Number(which.value); });
  which.addEventListener("change", show);
  show();
  const read = () => {
    const [{ drawer, currency }, { read: pieces }] = places[Number(which.value)];
    const count = pieces();
    return count && { drawer, currency, count };
  };
  const choice = h("label", { class: "field" }, h("span", {}, "Schublade oder Geldbörse"), which);
  return { element: h("div", { class: "fields" }, choice, ...places.map(([, { element }]) => element)), read };
}

const COUNTED = { count: countOne, counts: countAll }; // rows that give several arguments

/** One row of the form: {element, read}; `read` gives undefined for what is left out, null for nonsense. */
function row(field, known) {
  if (field.kind in COUNTED) return COUNTED[field.kind](known);
  const box = input(field, known);
  if (field.kind === "check") return { element: h("label", { class: "check" }, box, field.label), read: () => box.checked || undefined };
  if (TYPED.includes(field.kind)) box.dataset.typed = "";
  const chips = (field.reasons ?? []).map((text) =>
    h("button", { type: "button", class: "chip", onclick: () => { box.value = text; } }, text));
  const element = h("label", { class: "field" }, h("span", {}, field.label + (field.required ? " *" : "")), box);
  const read = () => {
    const text = box.value.trim();
    return judged(box, text === "" ? (field.required ? null : undefined) : READ[field.kind](text));
  };
  return { element: chips.length ? h("div", {}, element, h("div", { class: "chips" }, ...chips)) : element, read };
}

function put(args, path, value) {
  const [name, ...rest] = path.split(".");
  if (rest.length) put((args[name] ??= {}), rest.join("."), value);
  else args[name] = value;
}

/** Keys on the glass, for the field that was touched last. */
function pad(form) {
  let last = null;
  form.addEventListener("focusin", ({ target }) => {
    if (!target.closest(".pad-keys")) last = "typed" in target.dataset ? target : null;
  });
  const press = (key) => {
    const box = last ?? form.querySelector("[data-typed]");
    box.value = key === "⌫" ? box.value.slice(0, -1) : box.value + key;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  };
  return h("div", { class: "amount-keys pad-keys" },
    ...PAD.map((key) => h("button", { type: "button", class: "key", tabindex: "-1", onclick: () => press(key) }, key)));
}

/**
 * The form of an action: a question that resolves with its arguments and may be asked again, with what was
 * filled in. `known`: what the page can propose, by name; `say`: what stands above it.
 */
export function formOf(action, known) {
  const rows = action.fields.map((field) => [field, row(field, known)]);
  const counts = action.fields.some(({ kind }) => kind in COUNTED);
  const told = h("p", { class: "say told" });
  let close;
  const form = h("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    const read = rows.map(([field, { read: value }]) => [field, value()]);
    if (read.some(([, value]) => value === null)) { form.reportValidity(); return; }
    const args = { ...action.fixed };
    for (const [{ name, kind }, value] of read) {
      if (kind in COUNTED) Object.assign(args, value);
      else if (value !== undefined) put(args, name, value);
    }
    close(args);
  } }, h("div", { class: "fields" }, told, ...rows.map(([, { element }]) => element)));
  const go = h("button", { type: "submit", class: "key go" }, action.title);
  const side = form.querySelector("[data-typed]") ? [pad(form), go] : [go];
  form.className = side.length > 1 ? `columns ${counts ? "counted" : ""}` : "fields";
  form.append(h("div", { class: "side end-side" }, ...side));
  const [first, reason] = [form, ...rows.filter(([{ name }]) => name === "reason").map(([, { element }]) => element)]
    .map((element) => element.querySelector("input, select"));
  return (say) => ask(action.title, (done) => {
    close = done;
    told.textContent = say ?? "";
    told.hidden = !say;
    return { wide: counts, content: [form], focus: (say && reason) || first };
  });
}

/** A second person stands by: {operator, pin}. */
export function approval(message) {
  const fields = [
    { name: "operator", label: "Wer gibt frei", kind: "text", required: true },
    { name: "pin", label: "PIN", kind: "pin", required: true },
  ];
  return formOf({ title: "Freigeben", fields }, {})(message);
}

function shown(sheet, name, value) {
  if (sheet.money.includes(name) && Number.isInteger(value)) return money(value);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value)) return day(value);
  if (typeof value === "boolean") return value ? "ja" : "nein";
  return typeof value === "string" && /^-?\d+\.\d+$/.test(value) ? quantity(value) : String(value);
}

function table(sheet, rows) {
  const names = [...new Set(rows.flatMap(Object.keys))].filter((name) => rows.some((one) => !["", null].includes(one[name])));
  return h("table", { class: "device-table" },
    h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, sheet.labels[name] ?? name))),
    ...rows.map((one) => h("tr", {}, ...names.map((name) => h("td", {}, [undefined, null].includes(one[name]) ? "" : shown(sheet, name, one[name]))))));
}

/** Why the form is asked again: the register's sentence, and which count differs as far as it tells. */
export function again({ message, next, result }) {
  const said = [message, next].filter(Boolean).join(" ");
  if (result?.drawer === undefined || result.counted === undefined) return said;
  const expected = result.expected === undefined ? "" : `, Soll ${money(result.expected, result.currency)}`;
  return `${said} ${placeName(result)}: gezählt ${money(result.counted, result.currency)}${expected}.`;
}

/** What the register has answered. */
export function showResult(sheet, title, result) {
  const lists = Object.entries(result).filter(([, value]) => Array.isArray(value));
  const plain = Object.entries(result).filter(([, value]) => !["", null].includes(value) && typeof value !== "object");
  return ask(title, (close) => ({
    wide: true,
    content: [
      ...(plain.length ? [h("table", { class: "device-table" }, ...plain.map(([name, value]) =>
        h("tr", {}, h("th", { scope: "row" }, sheet.labels[name] ?? name), h("td", {}, shown(sheet, name, value)))))] : []),
      ...lists.map(([name, rows]) => (rows.length ? table(sheet, rows) : h("p", { class: "say" }, `${sheet.labels[name] ?? name}: nichts`))),
      button("Gut", () => close(null), "go"),
    ],
  }));
}
