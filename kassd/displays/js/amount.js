// Typing an amount: digits shift in from the right, as on a card terminal, so that what stands there is
// always what is meant. Works by touch and by keyboard.

import { h } from "./dom.js";
import { money } from "./text.js";

const MAX_DIGITS = 8;
const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", "00", "0", "⌫"];

/** An amount field with its keys; `value` is integer cents. */
export class Amount {
  constructor(label) {
    this.digits = "";
    this.output = h("output", { class: "amount-value" });
    this.element = h(
      "div",
      { class: "amount", tabindex: "0", role: "group", "aria-label": label },
      h("p", { class: "amount-label" }, label),
      this.output,
      h(
        "div",
        { class: "amount-keys" },
        ...KEYS.map((key) =>
          h("button", { type: "button", class: "key", tabindex: "-1", onclick: () => this.press(key) }, key),
        ),
      ),
    );
    this.show();
  }

  get value() {
    return Number(this.digits || "0");
  }

  press(key) {
    if (key === "⌫") this.digits = this.digits.slice(0, -1);
    else this.digits = (this.digits + key).replace(/^0+/, "").slice(0, MAX_DIGITS);
    this.show();
  }

  /** Take a key of the keyboard; true if it was one of ours. */
  type(key) {
    if (/^\d$/.test(key)) this.press(key);
    else if (key === "Backspace") this.press("⌫");
    else if (key !== "," && key !== ".") return false;
    return true;
  }

  show() {
    this.output.textContent = money(this.value);
  }
}
