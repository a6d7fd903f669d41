// <fc-digit-lab replaces="fig-digits">: draw a digit, and see which modules of a network it turns up.
import { answersSvg, drawImage, drawPen, hiddenLayout, hiddenSvg, partitionsHeight, partitionsSvg } from "./digit-draw.js";
import { digitFrame } from "./digit-frame.js";
import { makeDigits } from "./digit-model.js";
import { SIDE, inkOf, packInk, stroke, unpackInk } from "./digit-pad.js";
import { describeDigit, describePen, hint, longestDigit, pictureLabels, rowTitles, titles } from "./digit-text.js";
import { Explorable } from "./element.js";
import { fit } from "./page.js";

const [PAD, SEEN, ANSWERS] = [280, 112, 140]; // px
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MIDDLE = [SIDE / 2 + 0.5, SIDE / 2 + 0.5];

class DigitLab extends Explorable {
  frame = digitFrame;
  tool = { at: MIDDLE, down: false, erases: false };
  mine = "0"; // the reader's last drawing

  encode({ example, ink }) {
    return example < 0 ? { ink } : { example };
  }

  decode({ example, ink }) {
    if (example !== undefined) return /^\d$/.test(example) ? { example: Number(example), ink: "0" } : null;
    const cells = unpackInk(ink);
    return cells && { example: -1, ink: packInk(cells) };
  }

  makeLab() {
    return makeDigits(this.payload);
  }

  listen() {
    const { pad, example, eraser, clear, reset } = this.parts;
    example.addEventListener("change", () => this.go({ example: Number(example.value), ink: this.mine }, "example"));
    eraser.addEventListener("change", () => this.use({ erases: eraser.checked }));
    clear.addEventListener("click", () => this.go({ example: -1, ink: "0" }, "clear"));
    reset.addEventListener("click", () => {
      this.tool = { at: MIDDLE, down: false, erases: false };
      this.reset();
    });
    pad.addEventListener("keydown", (event) => this.key(event));
    pad.addEventListener("blur", () => this.tool.down && this.use({ down: false }));
    pad.addEventListener("focus", () => this.redraw());
    this.listenToPointer(pad);
  }

  listenToPointer(pad) {
    const place = (event) => {
      const box = pad.getBoundingClientRect();
      return [(SIDE * (event.clientX - box.left - 1)) / PAD, (SIDE * (event.clientY - box.top - 1)) / PAD];
    };
    pad.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      pad.setPointerCapture(event.pointerId);
      this.tool = { ...this.tool, at: place(event), down: true };
      this.pointer = event.pointerId;
      this.drag([this.tool.at]);
    });
    pad.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      this.drag((passed.length ? passed : [event]).map(place));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, (event) => {
        if (event.pointerId !== this.pointer) return;
        this.pointer = undefined;
        this.use({ down: false });
        this.share();
      });
    }
  }

  /** Arrows move the pen, space puts it down or lifts it. */
  key(event) {
    const { at, down } = this.tool;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !event.repeat) {
      this.use({ down: !down });
      if (!down) this.drag([at]);
      this.share();
    } else if (ARROWS[event.key]) {
      const inside = (value) => Math.max(0.5, Math.min(SIDE - 0.5, Math.floor(value) + 0.5));
      const to = at.map((value, axis) => inside(value + ARROWS[event.key][axis]));
      if (down) this.drag([to]);
      else this.use({ at: to });
      this.share();
    } else if (event.key !== " ") return;
    event.preventDefault();
  }

  /** Move the tool along some places while it is down. */
  drag(places) {
    this.wake();
    const value = this.tool.erases ? 0 : 1;
    let { at } = this.tool;
    let ink = inkOf(this.view.look.drawn);
    for (const to of places) {
      ink = stroke(ink, at, to, value);
      at = to;
    }
    this.tool = { ...this.tool, at };
    this.mine = packInk(ink);
    this.set({ example: -1, ink: this.mine }, "pad");
  }

  /** Change what the tool does, or where it is. */
  use(change) {
    this.tool = { ...this.tool, ...change };
    this.wake();
    this.showPen();
    this.redraw();
  }

  go(state, moved) {
    if (moved === "clear") this.mine = "0";
    this.set(state, moved);
    this.share();
  }

  showPen() {
    const { parts, tool } = this;
    parts.eraser.checked = tool.erases;
    parts.pen.textContent = describePen(tool, this.view.look);
  }

  update(moved) {
    const { parts, payload, current: state } = this;
    const look = this.lab.look(state);
    this.view = { state, look, moved };
    if (state.example < 0) this.mine = state.ink;
    parts.hint.textContent = hint(payload.start.example);
    parts.example.value = state.example;
    for (const [part, words] of Object.entries(titles(this.view))) parts[part].textContent = words;
    parts.live.textContent = describeDigit(this.view);
    parts.room.dataset.longest = longestDigit(this.view);
    parts.source.textContent = payload.about;
    this.showPen();
    this.redraw();
  }

  draw() {
    const { theme, parts, view, lab, tool } = this;
    const { look } = view;
    const context = drawImage(parts.pad, look.drawn, PAD, theme);
    if (this.ownerDocument.activeElement === parts.pad) drawPen(context, tool, PAD, theme);
    drawImage(parts.seen, look.seen, SEEN, theme);
    const width = parts.hidden.parentNode.clientWidth;
    const layout = hiddenLayout(lab.labels, width);
    fit(parts.hidden, layout.height);
    parts.hidden.innerHTML = hiddenSvg({ look, full: lab.full, layout, width });
    parts.answers.innerHTML = answersSvg({ look, ...fit(parts.answers, ANSWERS) });
    const partitions = [look.labels, ...look.alike.map((one) => one.labels)];
    const rows = rowTitles(look).map((title, k) => ({ title, labels: partitions[k] }));
    const size = fit(parts.partitions, partitionsHeight(lab.most, rows.length));
    parts.partitions.innerHTML = partitionsSvg({ rows, levels: lab.most, width: size.width });
    for (const [part, words] of Object.entries(pictureLabels(view))) parts[part].setAttribute("aria-label", words);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { read, shares, tuned, alike, inked } = this.view.look;
    return { ...this.current, read, shares: [...shares], tuned, alike, inked, tool: this.tool, redrawMs: this.redrawMs };
  }
}

if (!customElements.get("fc-digit-lab")) customElements.define("fc-digit-lab", DigitLab);
