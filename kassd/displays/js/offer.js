// The electronic receipt as a QR code, to be scanned from the glass.

import { $ } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // light modules around the code

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

/** Show what a station offers; nothing where it offers nothing, or the customer has it. */
export function drawOffer(offer) {
  const shown = offer?.status === "offered" && Boolean(offer.bits);
  $("offer").hidden = !shown;
  $("offer").querySelector("svg")?.remove();
  if (!shown) return;
  const svg = document.createElementNS(SVG, "svg");
  const size = offer.edge + 2 * QUIET;
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "QR-Code des Belegs");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", outline(offer.bits, offer.edge));
  svg.append(path);
  $("offer").prepend(svg);
  $("offer-text").textContent = `Beleg ${offer.receipt}: Code mit dem Telefon scannen`;
}
