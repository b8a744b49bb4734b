// Turns documents into German text. Amounts arrive as integer cents and are only written down here.

const SIGNS = { EUR: "€" };

/** 123456 → "1.234,56 €" */
export function money(cents, cur = "EUR") {
  if (!Number.isInteger(cents)) return "–";
  const digits = String(Math.abs(cents)).padStart(3, "0");
  const euros = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ".");
  return `${cents < 0 ? "−" : ""}${euros},${digits.slice(-2)}\u00a0${SIGNS[cur] ?? cur}`;
}

/** "1.500" → "1,5"; "3" → "3" */
export function quantity(text) {
  const plain = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return plain.replace(".", ",").replace("-", "−");
}

/** What someone typed as a quantity → decimal string with at most three places, or null. */
export function readQuantity(text) {
  return /^\d{1,5}([.,]\d{1,3})?$/.test(text) && /[1-9]/.test(text) ? text.replace(",", ".") : null;
}

/** "2026-11-21" or a time stamp → "21.11.2026" */
export function day(text) {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(text ?? "");
  return match ? `${match[3]}.${match[2]}.${match[1]}` : "";
}

export const SALE_STATUS = {
  none: "Bereit",
  open: "Verkauf läuft",
  paying: "Zahlung läuft …",
  signing: "Beleg wird signiert …",
  done: "Bezahlt",
  aborting: "Abbruch wird signiert …",
  aborted: "Abgebrochen",
};

export const DEVICE_STATE = {
  absent: "fehlt",
  opening: "startet",
  ready: "bereit",
  busy: "arbeitet",
  degraded: "eingeschränkt",
  error: "Störung",
};

const DEVICE_NAME = {
  tse: "TSE",
  journal: "Journal",
  clock: "Uhr",
  power: "Strom",
  place: "Standort",
  printer: "Drucker",
  scanner: "Scanner",
  drawer: "Schublade",
  terminal: "Kartenterminal",
  scale: "Waage",
};

/** A device's German name; a name somebody configured is shown as it is. */
export function deviceName(name) {
  return DEVICE_NAME[name] ?? name;
}
