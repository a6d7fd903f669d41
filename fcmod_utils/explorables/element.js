// What every explorable shares: its data, its state in the address, and when it draws.
import { isDark, watchTheme } from "./page.js";
import { readHash, writeHash } from "./share.js";

/**
 * A custom element around a payload (JSON in its first script, with a `start` state). Subclasses
 * say `frame(element, payload)` (returns named parts), `listen()`, `makeLab()` (the numbers; run
 * when the element comes near the screen), `update(moved)`, `draw()`, and how a state is written
 * in the address: `encode(state)` gives fields, `decode(fields)` a state, or null if it is unknown.
 */
export class Explorable extends HTMLElement {
  connectedCallback() {
    if (this.parts) return;
    const data = this.querySelector('script[type="application/json"]');
    if (!data) return void setTimeout(() => this.connectedCallback(), 50); // still on its way
    const twins = document.querySelectorAll(`[id="${this.id}"]`);
    if (twins.length > 1 && twins[0] !== this) this.id = `${this.id}-${[...twins].indexOf(this) + 1}`;
    this.classList.add("fc-explorable");
    this.payload = JSON.parse(data.textContent);
    this.fromHash = this.addressed();
    this.current = this.fromHash ?? structuredClone(this.payload.start);
    this.parts = this.frame(this, this.payload);
    document.getElementById(this.getAttribute("replaces"))?.classList.add("fc-replaced");
    this.listen();
    window.addEventListener("hashchange", () => {
      const state = this.addressed();
      if (state) this.set(state, "start");
    });
    watchTheme(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this);
    const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && this.wake(), {
      rootMargin: "600px",
    });
    seen.observe(this);
    this.asleep = seen;
    if (this.fromHash) this.wake();
  }

  /** The state in the address, or null if it is absent or names what the payload lacks. */
  addressed() {
    const fields = readHash(this.id);
    return fields && this.decode(fields);
  }

  share() {
    writeHash(this.id, this.encode(this.current));
  }

  /** Make the numbers: when the element comes near the screen, or is asked. */
  wake() {
    this.asleep.disconnect();
    if (this.lab) return;
    this.lab = this.makeLab();
    this.update("start");
    if (this.fromHash) this.scrollIntoView({ block: "center" });
  }

  /** Go to a state; `moved` names the control that led there. */
  set(state, moved) {
    this.wake();
    const began = performance.now();
    this.last = this.current;
    this.current = state;
    this.update(moved);
    this.redrawMs = performance.now() - began;
  }

  reset() {
    this.set(structuredClone(this.payload.start), "reset");
    this.share();
  }

  /** Draw again, once there is something to draw and room for it (print hides the element). */
  redraw() {
    if (!this.lab || !this.clientWidth) return;
    this.theme = isDark(this) ? "dark" : "light";
    this.dataset.theme = this.theme;
    this.draw();
  }
}
