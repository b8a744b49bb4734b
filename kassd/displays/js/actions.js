// The sheet of actions: what else can be asked of the register, drawn from actions.json, which is made from its
// commands. What is filled in here is only brought into form; whether it may be is the register's to say.

import { DENOMINATIONS, ask, button } from "./dialogs.js";
import { h } from "./dom.js";
import { day, money, quantity } from "./text.js";

const PAD = ["7", "8", "9", "4", "5", "6", "1", "2", "3", ",", "0", "⌫"];
const TYPED = ["money", "number", "whole", "lines", "pin"]; // what the keys on the glass can type

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

function counting() {
  const fields = DENOMINATIONS.map((piece) => [piece, h("input", { type: "number", min: "0", max: "99999", step: "1", inputmode: "numeric", placeholder: "0" })]);
  const element = h("div", { class: "count-grid" }, ...fields.map(([piece, one]) => h("label", {}, h("span", {}, money(piece)), one)));
  const read = () => Object.fromEntries(fields.map(([piece, one]) => [String(piece), Number(one.value)]).filter(([, n]) => n > 0));
  return { element, read };
}

/** One row of the form: {element, read}; `read` gives undefined for what is left out, null for nonsense. */
function row(field, known) {
  if (field.kind === "count") {
    const { element, read } = counting();
    return { element: h("fieldset", { class: "field" }, h("legend", {}, field.label), element), read };
  }
  const box = input(field, known);
  if (field.kind === "check") return { element: h("label", { class: "check" }, box, field.label), read: () => box.checked || undefined };
  if (TYPED.includes(field.kind)) box.dataset.typed = "";
  const chips = (field.reasons ?? []).map((text) =>
    h("button", { type: "button", class: "chip", onclick: () => { box.value = text; } }, text));
  const element = h("label", { class: "field" }, h("span", {}, field.label + (field.required ? " *" : "")), box);
  const read = () => {
    const text = box.value.trim();
    const value = text === "" ? (field.required ? null : undefined) : READ[field.kind](text);
    box.setCustomValidity(value === null ? (text === "" ? "Bitte ausfüllen." : "Das ist keine gültige Angabe.") : "");
    return value;
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
  form.addEventListener("focusin", ({ target }) => { last = "typed" in target.dataset ? target : null; });
  const press = (key) => {
    const box = last ?? form.querySelector("[data-typed]");
    box.value = key === "⌫" ? box.value.slice(0, -1) : box.value + key;
    box.focus();
  };
  return h("div", { class: "amount-keys pad-keys" },
    ...PAD.map((key) => h("button", { type: "button", class: "key", tabindex: "-1", onclick: () => press(key) }, key)));
}

/** Fill in an action's fields; resolves with its arguments. `known`: what the page can propose, by name. */
export function fillIn(action, known) {
  return ask(action.title, (close) => {
    const rows = action.fields.map((field) => [field, row(field, known)]);
    const form = h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      const read = rows.map(([field, { read: value }]) => [field.name, value()]);
      if (read.some(([, value]) => value === null)) { form.reportValidity(); return; }
      const args = { ...action.fixed };
      for (const [name, value] of read) if (value !== undefined) put(args, name, value);
      close(args);
    } }, h("div", { class: "fields" }, ...rows.map(([, { element }]) => element)));
    const go = h("button", { type: "submit", class: "key go" }, action.title);
    const side = form.querySelector("[data-typed]") ? [pad(form), go] : [go];
    form.className = side.length > 1 ? "columns" : "fields";
    form.append(h("div", { class: "side end-side" }, ...side));
    return { content: [...(action.say ? [h("p", { class: "say" }, action.say)] : []), form], focus: form.querySelector("input, select") };
  });
}

/** A second person stands by: {operator, pin}. */
export function approval(message) {
  const fields = [
    { name: "operator", label: "Wer gibt frei", kind: "text", required: true },
    { name: "pin", label: "PIN", kind: "pin", required: true },
  ];
  return fillIn({ title: "Freigeben", say: message, fields }, {});
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
