// The Lab's settings: what they are called, how they are drawn, read, written in the address, and said in words.
import { DEFAULT_SETUP, SETUP_LIMITS, checkSetup } from "./lab-setup.js";
import { place, slider } from "./page.js";

export const TASK_NAMES = { perceptual_decision_making: "decision-making", go_nogo: "go/no-go" };
const PENALTIES = { none: "none", l1: "L1 (sum of weights)", distance: "distance (on a sheet)" };
const CURVE_LABELS = { relu: "ReLU", tanh: "tanh", softplus: "softplus" };

/** Fields with numbers: short name in the address, label, step of the control, and what it is measured in. */
const NUMBERS = {
  penalty_strength: ["strength", "Penalty strength", 0.0001, ""],
  steps: ["steps", "Training steps", 1, ""],
  learning_rate: ["rate", "Learning rate", 0.0001, ""],
  batch: ["batch", "Trials in a batch", 1, ""],
  window: ["window", "Time steps in a batch", 1, ""],
  tau_ms: ["tau", "Time constant tau", 1, "ms"],
  dt_ms: ["dt", "Time step dt", 1, "ms"],
  noise: ["noise", "Noise in each unit", 0.01, "SD"],
  seed: ["seed", "Seed", 1, ""],
};
const CHOICES = {
  task: ["task", { perceptual_decision_making: "decision", go_nogo: "gonogo" }],
  nonlinearity: ["f", { relu: "relu", tanh: "tanh", softplus: "softplus" }],
  penalty: ["penalty", { none: "none", l1: "l1", distance: "distance" }],
};
const STRENGTHS = { none: 0, l1: 0.0001, distance: 0.0001 }; // a strength that shows, where one is chosen first

const select = (id, part, label, options) =>
  `<div><label for="${id}-${part}">${label}</label><select id="${id}-${part}" data-part="${part}">` +
  `${Object.entries(options).map(([value, text]) => `<option value="${value}">${text}</option>`).join("")}</select></div>`;

const numberField = (id, name) => {
  const [, label, step, unit] = NUMBERS[name];
  const { min, max } = SETUP_LIMITS[name];
  return `<div><label for="${id}-${name}">${label}${unit && ` (${unit})`}</label>
    <input type="number" inputmode="decimal" id="${id}-${name}" data-part="${name}" min="${min}" max="${max}"
      step="${step === 1 ? 1 : "any"}"></div>`;
};

/** Four settings in sight, the rest behind a fold. */
export function formHtml(id) {
  const { units } = SETUP_LIMITS;
  const capitals = { perceptual_decision_making: "Decision-making", go_nogo: "Go/no-go" };
  return `<div class="fc-controls">
      ${select(id, "task", "Task", capitals)}
      ${slider(id, "units", "Units", { min: units.min, max: units.max, step: 1 })}
      ${select(id, "nonlinearity", "Nonlinearity", CURVE_LABELS)}
      ${select(id, "penalty", "Penalty on weights", PENALTIES)}
    </div>
    <details class="fc-more"><summary>More settings</summary>
      <div class="fc-controls">${Object.keys(NUMBERS).map((name) => numberField(id, name)).join("")}
        <div><label for="${id}-coherences">Coherences (%)</label>
          <input type="text" id="${id}-coherences" data-part="coherences"></div>
        ${select(id, "inputs", "Input weights at first",
          { fresh: "at random", shared: "the shown network’s" })}</div></details>`;
}

/** Call back with the name and value of a setting that was moved; `settled` once it is let go. */
export function listenToForm(parts, move, settled) {
  const numbers = (text) => text.split(/[\s,;]+/).filter(Boolean).map(Number);
  for (const name of Object.keys(CHOICES)) parts[name].addEventListener("change", () => move(name, parts[name].value));
  parts.units.addEventListener("input", () => move("units", Number(parts.units.value)));
  for (const name of Object.keys(NUMBERS)) {
    parts[name].addEventListener("change", () => move(name, parts[name].value === "" ? NaN : Number(parts[name].value)));
  }
  parts.coherences.addEventListener("change", () => move("coherences", numbers(parts.coherences.value)));
  for (const name of [...Object.keys(CHOICES), ...Object.keys(NUMBERS), "units", "coherences"]) {
    parts[name].addEventListener("change", settled);
  }
}

/** A setup with one setting changed, and what follows from it. */
export function changed(setup, name, value) {
  const next = { ...setup, [name]: value };
  if (name === "penalty") next.penalty_strength = value === "none" ? 0 : setup.penalty_strength || STRENGTHS[value];
  return next;
}

/** The controls show a setup; what is not allowed is marked. */
export function fillForm(parts, setup) {
  for (const name of Object.keys(CHOICES)) parts[name].value = setup[name];
  place(parts, "units", setup.units, String(setup.units));
  for (const name of Object.keys(NUMBERS)) if (!Number.isNaN(setup[name])) parts[name].value = setup[name];
  parts.coherences.value = setup.coherences.join(", ");
  parts.penalty_strength.disabled = setup.penalty === "none";
  const wrong = new Set(checkSetup(setup).map(({ name }) => name));
  parts.coherences.disabled = setup.task !== "perceptual_decision_making" && !wrong.has("coherences");
  for (const name of ["coherences", ...Object.keys(NUMBERS)]) parts[name].setAttribute("aria-invalid", wrong.has(name));
}

const toAddress = (value) => String(Number(value.toFixed(9))).replace(".", "-").replace("e-", "e");

/** Fields of the address: what differs from the default, and at least one. */
export function encodeSetup(setup) {
  const fields = { task: CHOICES.task[1][setup.task], units: setup.units };
  for (const [name, [short, words]] of Object.entries(CHOICES)) {
    if (setup[name] !== DEFAULT_SETUP[name]) fields[short] = words[setup[name]];
  }
  for (const [name, [short]] of Object.entries(NUMBERS)) {
    if (Number.isFinite(setup[name]) && setup[name] !== DEFAULT_SETUP[name]) fields[short] = toAddress(setup[name]);
  }
  if (setup.penalty !== "none" && setup.penalty_strength === 0) fields.strength = "0"; // not the default of penalties
  const coherences = setup.coherences.filter(Number.isFinite).map(toAddress).join("x");
  if (coherences !== DEFAULT_SETUP.coherences.map(toAddress).join("x")) fields.coherences = coherences;
  return fields;
}

/** The setup of some fields, the default where they are silent; null if one is unknown. */
export function decodeSetup(fields) {
  const setup = { ...DEFAULT_SETUP, coherences: [...DEFAULT_SETUP.coherences] };
  const number = (text) => (text === "" ? NaN : Number(text.replace("-", ".").replace("e", "e-")));
  for (const [name, [short, words]] of Object.entries(CHOICES)) {
    if (fields[short] === undefined) continue;
    setup[name] = Object.keys(words).find((key) => words[key] === fields[short]);
  }
  if (fields.units !== undefined) setup.units = Number(fields.units);
  for (const [name, [short]] of Object.entries(NUMBERS))
    if (fields[short] !== undefined) setup[name] = number(fields[short]);
  if (setup.penalty !== "none" && !fields.strength) setup.penalty_strength = STRENGTHS[setup.penalty];
  if (fields.coherences !== undefined) setup.coherences = fields.coherences.split("x").map(number);
  return checkSetup(setup).length ? null : setup;
}

/** "100 ReLU units, decision-making, 1,000 steps", and what else is not as usual. */
export function setupText(setup) {
  const rest = Object.entries(NUMBERS).flatMap(([name, [, label, , unit]]) =>
    name === "steps" || name === "seed" || setup[name] === DEFAULT_SETUP[name] || name === "penalty_strength"
      ? [] : [`${label.toLowerCase()} ${setup[name]}${unit && `\u00a0${unit}`}`]);
  if (setup.penalty !== "none") rest.push(`${setup.penalty === "l1" ? "L1" : "distance"} penalty ${setup.penalty_strength}`);
  if (setup.coherences.join() !== DEFAULT_SETUP.coherences.join() && setup.task !== "go_nogo") {
    rest.push(`coherences ${setup.coherences.join(", ")}`);
  }
  const parts = [`${setup.units}\u00a0${CURVE_LABELS[setup.nonlinearity]} units`, TASK_NAMES[setup.task],
    `${setup.steps} steps`, `seed ${setup.seed}`];
  return [...parts, ...rest].join(", ");
}
