// Two helpers for the page's elements.

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** Build an element: h("button", {class: "key", onclick}, "Text", …). */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
