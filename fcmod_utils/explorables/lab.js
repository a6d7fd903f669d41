// <fc-lab replaces="fig-lab">: train a network in the page, take it apart, compare it with the book's.
import { LabClient } from "./lab-client.js";
import { Explorable } from "./element.js";
import { changed, decodeSetup, encodeSetup, fillForm, listenToForm } from "./lab-form.js";
import { frame } from "./lab-frame.js";
import { Dissection } from "./lab-dissection.js";
import { Training } from "./lab-training.js";
import { scoresHtml } from "./lab-compare.js";
import { networkWeights, unpackNetwork } from "./lab-file.js";
import { randIndex } from "./lab-numbers.js";
import { checkSetup } from "./lab-setup.js";
import { makeWeights } from "./lab-train.js";
import { LESIONS, called, doneText, letterOf, setText } from "./lab-words.js";
import { capital, signed } from "./text.js";

const inputWeights = ({ w_in, b_in }) => ({ w_in, b_in });
const MOST_KEPT = 4; // networks of the reader's; the book's is always there

class Lab extends Explorable {
  frame = frame;

  /** In a notebook the element may come back: what trained is over. */
  disconnectedCallback() {
    this.client?.close();
    if (this.training?.goesOn()) this.training.end(this.training);
  }

  scrollIntoView() {
    super.scrollIntoView({ block: "start" });
  }

  encode({ setup, inputs, group, lesion, push }) {
    return { ...encodeSetup(setup), ...(inputs === "shared" && { inputs }), look: group, cut: lesion, push };
  }

  decode(fields) {
    const setup = decodeSetup(fields);
    const { inputs = "fresh", look: group = "r-0", cut: lesion = "output", push = "0" } = fields;
    const known = setup &&
      ["fresh", "shared"].includes(inputs) && /^[riu]-\d+$/.test(group) && Object.hasOwn(LESIONS, lesion) &&
      /^[012]$/.test(push);
    return known ? { setup, inputs, group, lesion, push: Number(push) } : null;
  }

  makeLab() {
    const { network: file, about, loss } = this.payload;
    this.networks = [{ name: "book", file, about }];
    this.letters = 0;
    this.client = new LabClient((event) => this.hear(event));
    this.training = new Training(this.parts, loss);
    this.dissection = new Dissection(this.parts, {
      look: () => this.current,
      choose: (change) => this.go(change, "look"),
      scored: () => this.compare(),
      agreement: (kept) => this.agreement(kept),
      growing: () => this.training.showsSheet(), // then the sheet is that of the network in training
      later: (part) => this.later(part),
    });
    this.fillNetworks(0);
    return {};
  }

  listen() {
    const { parts } = this;
    const on = (part, act, event = "click") => parts[part].addEventListener(event, act);
    const clear = () => this.training?.say(setText(this.current.setup, checkSetup(this.current.setup)));
    listenToForm(parts, (name, value) => {
      this.wake();
      const setup = changed(this.current.setup, name, value);
      this.set({ ...this.current, setup }, "setup");
      clear();
    }, () => this.share());
    on("inputs", () => this.go({ inputs: parts.inputs.value }, "setup"), "change");
    on("inputs", clear, "change");
    on("train", () => this.train());
    on("stop", () => this.stop());
    on("reset", () => this.reset());
    on("download", () => this.download());
    on("upload", () => this.upload());
    on("forget", () => this.forget());
    on("file", () => this.read(parts.file.files[0]), "change");
    on("shown", () => this.showNetwork(Number(parts.shown.value)), "change");
    on("group", () => this.go({ group: parts.group.value }, "look"), "change");
    on("lesion", () => this.go({ lesion: parts.lesion.value }, "look"), "change");
    on("push", () => this.go({ push: Number(parts.push.value) }, "look"), "change");
  }

  go(change, moved) {
    this.set({ ...this.current, ...change }, moved);
    this.share();
  }

  /** The controls show the state; the pictures follow. */
  update(moved) {
    fillForm(this.parts, this.current.setup);
    this.parts.inputs.value = this.current.inputs;
    const linked = moved === "start" && this.lookedAt; // by a link on this page
    if (moved === "start" && !linked) this.showNetwork(0);
    else if (moved !== "setup") this.dissection.look();
    if (moved === "start") this.training.say(setText(this.current.setup, checkSetup(this.current.setup)));
    if (moved === "start" && this.training.state === "idle") this.training.clear(this.current.setup);
    this.later("training");
    if (!linked) return;
    this.scrollIntoView();
    this.parts.train.focus({ preventScroll: true });
  }

  // ------------------------------------------------------------------ training

  train() {
    this.wake();
    const { state } = this.training;
    if (state === "running") return this.client.pause();
    if (state === "paused") return this.client.resume();
    const { setup } = this.current;
    const wrong = checkSetup(setup);
    if (wrong.length) return this.training.say(setText(setup, wrong));
    const teacher = this.current.inputs === "shared" ? this.lookedAt : null;
    if (teacher && teacher.file.shape.units !== setup.units) {
      const { units } = teacher.file.shape;
      return this.training.say(
        `${capital(called(teacher.name))} has ${units} units, so its input weights fit no others: set ${units} units.`);
    }
    this.training.begin(setup);
    this.teacher = teacher;
    this.client.start(setup, teacher && { ...makeWeights(setup), ...inputWeights(networkWeights(teacher.file)) });
    for (const part of ["training", "evaluation"]) this.later(part);
  }

  stop() {
    this.wake();
    if (this.training.goesOn()) this.client.stop();
    else this.training.say("Nothing is training. Press Train to begin.");
  }

  reset() {
    this.wake();
    this.client.reset();
    this.training.clear(this.payload.start.setup);
    this.current = structuredClone(this.payload.start);
    this.share();
    this.update("reset");
    this.later("evaluation");
    this.showNetwork(0);
    this.training.say("Back to the first view. Your networks stay in the list.");
  }

  hear(event) {
    const { training } = this;
    training.hear(event);
    if (event.type === "done") {
      const name = this.keep(event.network, training.setup, this.teacher);
      training.say(doneText(event, training.setup, name));
    } else if (event.type === "failed") {
      if (event.network) this.keep(event.network, training.setup, this.teacher);
      training.say(event.message);
    }
    this.later(event.type === "evaluation" ? "evaluation" : "training");
    if (event.type === "evaluation") this.later("training");
    if (event.type === "failed") this.later("sheet"); // that of the network shown again, or none
  }

  // ------------------------------------------------------------------ networks

  /** Add a network to the list, in place of the oldest of the reader's when there are too many, and take it apart. */
  keep(file, setup, like = null) {
    const name = letterOf(this.letters++ % 26);
    if (this.networks.length > MOST_KEPT) this.networks.splice(1, 1);
    const about = setup
      ? `${setup.units} ${setup.nonlinearity}, seed ${setup.seed}` : `${file.shape.units} ${file.nonlinearity}, from a file`;
    this.networks.push({ name, file: { ...file, name }, about, like });
    this.showNetwork(this.networks.length - 1);
    return name;
  }

  /** How alike a network's modules are to those of the one whose input weights it got, or else to the one before it. */
  agreement(kept) {
    const at = this.networks.indexOf(kept);
    const other = kept.like ?? this.networks[at - 1];
    if (!other?.labels || !kept.labels || other.labels.length !== kept.labels.length) return "";
    const index = randIndex(kept.labels, other.labels);
    if (index === null) return "";
    const why = kept.like ? ", with whose input weights it began" : "";
    return `Its modules agree with those of ${called(other.name)}${why}, with an adjusted Rand index of ${signed(index)}.`;
  }

  fillNetworks(index) {
    this.parts.shown.innerHTML = this.networks.map(({ name, about }, k) =>
      `<option value="${k}">${k ? name : "the book’s"} (${about})</option>`).join("");
    this.parts.shown.value = index;
    this.parts.shown.parentNode.style.visibility = this.networks[1] ? "" : "hidden"; // nothing to choose
  }

  showNetwork(index) {
    this.lookedAt = this.networks[index];
    this.fillNetworks(index);
    this.compare();
    this.dissection.takeApart(this.lookedAt, networkWeights(this.lookedAt.file));
  }

  compare() {
    this.parts.scores.innerHTML = scoresHtml(this.payload.book, this.networks, this.lookedAt);
  }

  forget() {
    this.wake();
    const index = this.networks.indexOf(this.lookedAt);
    if (index < 1) return this.training.say("The book’s network stays; choose one of yours to forget it.");
    const [{ name }] = this.networks.splice(index, 1);
    this.showNetwork(Math.min(index, this.networks.length - 1));
    this.training.say(`Network ${name} is forgotten.`);
  }

  download() {
    this.wake();
    const { file, name } = this.lookedAt;
    const link = document.createElement("a");
    link.download = `fcmod-${file.task.replaceAll("_", "-")}-${file.shape.units}-${name}.json`;
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    this.training.say(`${capital(called(name))} is downloaded as ${link.download}.`);
  }

  upload() {
    this.wake();
    this.training.say("Choose a network file: one from this page, or one that Python saved.");
    this.parts.file.click();
  }

  async read(chosen) {
    if (!chosen) return;
    this.parts.file.value = "";
    try {
      const file = unpackNetwork(JSON.parse(await chosen.text()));
      const { units } = file.shape;
      if (units < 3 || units > 200) throw new Error(`This network has ${units} units; allowed: 3 to 200`);
      const name = this.keep(file, file.setup);
      this.training.say(`${chosen.name} is read; it is network ${name}.`);
    } catch (error) {
      this.training.say(error instanceof SyntaxError
        ? `${chosen.name} is not JSON, so it holds no network.` : `${error.message}.`);
    }
  }

  // ------------------------------------------------------------------ pictures

  /** Draw a part with one of the next frames, one part a frame. */
  later(part) {
    this.waiting ??= new Set();
    this.waiting.add(part);
    if (this.drawing) return;
    this.drawing = true;
    const next = () => {
      const [one] = this.waiting;
      this.drawing = one !== undefined;
      if (!this.drawing) return;
      this.waiting.delete(one);
      requestAnimationFrame(next); // first, so that a picture that fails stops no other
      if (this.lab && this.clientWidth) this.drawPart(one);
    };
    requestAnimationFrame(next);
  }

  drawPart(part) {
    const css = getComputedStyle(this);
    const color = (name) => css.getPropertyValue(`--fc-${name}`).trim();
    const names = ["ink", "muted", "axis", "field", "pale"];
    const colors = { ...Object.fromEntries(names.map((name) => [name, color(name)])),
      stimuli: [color("stimulus-1"), color("stimulus-2")] };
    const look = { theme: this.theme, colors, later: (other) => this.later(other) };
    if (part === "training" || part === "evaluation") this.training.draw(part, look);
    else this.dissection.draw(part, look);
  }

  draw() {
    for (const part of ["training", "evaluation", ...this.dissection.drawings]) this.later(part);
  }

  /** Numbers of the current view, for tests and the curious. */
  state() {
    this.wake();
    const { training, dissection, networks } = this;
    return {
      ...this.current, ...training.numbers(), ...dissection.numbers(), mode: this.client.mode,
      drawing: Boolean(this.drawing),
      networks: networks.map(({ name, scores, file }) =>
        ({ name, scores: scores ?? null, units: file.shape.units, task: file.task })),
    };
  }
}

if (!customElements.get("fc-lab")) customElements.define("fc-lab", Lab);
