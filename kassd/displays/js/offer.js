// QR codes to be scanned from the glass: the electronic receipt, or a credit transfer to be made.

import { $ } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // light modules around the code
const READABLE = 3; // CSS pixels of a module that every phone's camera tells apart
const BESIDE = 288; // CSS pixels that sums and notices need beside a code over the whole page

function moduleAt(bytes, n) {
  return (bytes.charCodeAt(n >> 3) >> (7 - (n & 7))) & 1;
}

/** The dark modules of `edge` × `edge` packed bits as the data of a path, one unit each. */
export function outline(bits, edge) {
  const bytes = atob(bits);
  let path = "";
  for (let n = 0; n < edge * edge; n++) {
    if (moduleAt(bytes, n)) path += `M${QUIET + (n % edge)} ${QUIET + Math.floor(n / edge)}h1v1h-1z`;
  }
  return path;
}

/** What a station shows: a transfer that is waited for, a receipt that nobody has fetched yet, or nothing. */
function shownBy(sale) {
  const { transfer, offer } = sale;
  if (transfer?.bits) return { ...transfer, name: "GiroCode", text: `Verwendungszweck ${transfer.reference}` };
  if (offer?.status !== "offered" || !offer.bits) return null;
  return { ...offer, name: "QR-Code des Belegs", text: `Beleg ${offer.receipt}: Code mit dem Telefon scannen` };
}

function drawn(code) {
  const svg = document.createElementNS(SVG, "svg");
  const size = code.edge + 2 * QUIET;
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", code.name);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", outline(code.bits, code.edge));
  svg.append(path);
  return svg;
}

/** Show the code of a sale; nothing where there is none, or the customer has the receipt. */
export function drawOffer(sale) {
  const code = shownBy(sale);
  $("offer").hidden = code === null;
  if (code !== null && $("offer").dataset.code === code.bits) return;
  $("offer").dataset.code = code === null ? "" : code.bits;
  $("offer").dataset.away = "";
  $("offer-code").replaceChildren(...(code === null ? [] : [drawn(code)]));
  $("offer-text").textContent = code === null ? "" : code.text;
}

/** Put the code away, or show it again. */
export function turnOffer() {
  $("offer").dataset.away = $("offer").dataset.away ? "" : "away";
  fitOffer();
}

/**
 * Give every module as many whole pixels of the screen as there are: in the sale's column where that is enough to
 * be read, else over the whole page.
 */
export function fitOffer() {
  const svg = $("offer-code").firstElementChild;
  const place = (where) => (document.body.dataset.offer = where);
  if (!svg || $("offer").dataset.away) {
    place(svg ? "away" : "");
    $("offer-turn").textContent = "Code zeigen";
    return;
  }
  place("column");
  document.body.style.setProperty("--code", "0px"); // the room is asked for, not what stands there
  if (fill(svg, $("offer-code").clientWidth, $("offer-code").clientHeight) >= READABLE) return;
  place("page");
  $("offer-turn").textContent = "Zurück zur Kasse";
  fill(svg, innerWidth - (innerWidth > innerHeight ? BESIDE : 0), innerHeight);
}

/** Make the code as large as the room allows; returns the CSS pixels of a module. */
function fill(svg, width, height) {
  const modules = svg.viewBox.baseVal.width;
  const pixels = Math.max(1, Math.floor((Math.min(width, height) * devicePixelRatio) / modules));
  const edge = (pixels * modules) / devicePixelRatio;
  document.body.style.setProperty("--code", `${edge}px`);
  return edge / modules;
}
