// The Lab's second floor: one network taken apart, with everything linked to the group that is looked at.
import { MODULE_COLORS, gradient } from "./colors.js";
import { takeApart, withLesion } from "./lab-anatomy.js";
import { encodeFloats } from "./lab-file.js";
import { FlowPanel, lesionedPortrait } from "./lab-flow.js";
import { inputLikeness, lesionLikeness, portraitOf } from "./lab-likeness.js";
import { drawPairs, nullsSvg, sheetSvg } from "./lab-plots.js";
import { scoresOf } from "./lab-score.js";
import { DEFAULT_SETUP } from "./lab-setup.js";
import { makeTestSet, taskPeriods } from "./lab-tasks.js";
import { LESIONS, called, groupText, letterOf, likenessText, lookText, nullsText } from "./lab-words.js";
import { barsSvg } from "./bars.js";
import { planeSvg } from "./plane.js";
import { drawMatrix } from "./matrix.js";
import { membersOf, orderByModule, spans } from "./modules.js";
import { alt, fit } from "./page.js";
import { drawBars, unitAt } from "./portrait-bars.js";
import { inSlices } from "./slices.js";
import { capital, signed } from "./text.js";

const [PICTURE_HEIGHT, WIDEST_MATRIX, FELT_HEIGHT] = [260, 300, 72];
const [TOP, GUTTER] = [14, 28]; // of a matrix, as matrix.js draws it

export class Dissection {
  drawings = ["input", "recurrent", "plane", "bars", "flow", "pairs", "felt", "nulls", "sheet"];

  /** `page`: look() gives { group, lesion, push }, choose(change) changes it, later(part) draws, scored(). */
  constructor(parts, page) {
    Object.assign(this, { parts, page, job: 0, busy: false });
    this.panel = new FlowPanel(parts.flow, () => this.say());
    for (const layer of ["input", "recurrent"]) {
      parts[layer].addEventListener("click", ({ offsetX, offsetY }) => this.pickBlock(layer, offsetX, offsetY));
    }
    const pick = ({ target, currentTarget }) => {
      if (currentTarget === parts.sheet && page.growing()) return;
      const unit = target.closest("[data-unit]")?.dataset.unit;
      if (unit) page.choose({ group: `u-${unit}` });
    };
    for (const picture of ["plane", "sheet"]) parts[picture].addEventListener("click", pick);
    parts.felt.addEventListener("click", ({ offsetX }) => {
      if (this.order) page.choose({ group: `u-${unitAt(this.order, offsetX, parts.felt.clientWidth)}` });
    });
  }

  /** Take a network apart, part by part; a later call ends an earlier one. */
  async takeApart(kept, weights) {
    const mine = ++this.job;
    const keep = () => mine === this.job;
    const { parts, page } = this;
    this.found = this.flow = this.likeness = this.order = this.failed = null;
    this.blank();
    this.busy = true;
    parts.live.textContent = `${capital(called(kept.name))} is taken apart …`;
    const { task, dt_ms } = kept.file;
    try {
      const set = makeTestSet({ ...DEFAULT_SETUP, task, dt_ms });
      const anatomy = await inSlices(takeApart(kept.file, weights, set), keep);
      if (!keep()) return;
      this.found = { name: kept.name, kept, anatomy };
      kept.labels = anatomy.recurrent.labels;
      this.fillMenus();
      this.look();
      if (anatomy.recurrent.live.length > 1) {
        const flow = await inSlices(portraitOf(anatomy, encodeFloats), keep);
        if (!keep()) return;
        this.flow = flow;
        this.look(true);
        if (flow) this.likeness = await inSlices(lesionLikeness(anatomy, flow), keep);
        if (!keep()) return;
        this.drawings.forEach((part) => page.later(part));
      }
      const inputs = await inSlices(inputLikeness(anatomy), keep);
      const scores = keep() && (await inSlices(scoresOf(anatomy, taskPeriods(task, dt_ms), this.likeness, inputs), keep));
      if (!keep()) return;
      kept.scores = scores;
      page.scored();
    } catch (error) {
      if (!keep()) return;
      this.failed = parts.live.textContent = error.message;
      kept.scores = {};
      page.scored();
    }
    this.busy = false;
  }

  /** No picture of the network before stays; each keeps its size. */
  blank() {
    this.panel.now = null;
    for (const part of this.drawings) {
      const picture = this.parts[part];
      if (picture.getContext) picture.width += 0; // clears it
      else if (part !== "sheet") picture.innerHTML = "";
    }
  }

  /** What can be looked at, cut and held. */
  fillMenus() {
    const { parts, found: { anatomy: { recurrent, input, network, view } } } = this;
    const options = (prefix, sizes, name) => sizes.map((size, k) =>
      (size > 1 ? `<option value="${prefix}-${k}">${name(k)} (${size} units)</option>` : "")).join("");
    const units = [...new Array(network.units).keys()]
      .map((unit) => `<option value="u-${unit}">unit ${unit}</option>`).join("");
    parts.group.innerHTML =
      `<optgroup label="Modules of the recurrent layer">${
        options("r", recurrent.sizes, (k) => `module ${k + 1}`)}</optgroup>` +
      `<optgroup label="Modules of the input projections">${
        options("i", input.sizes, (k) => `input module ${letterOf(k)}`)}</optgroup>` +
      `<optgroup label="Units">${units}</optgroup>`;
    parts.lesion.innerHTML = Object.entries(LESIONS)
      .map(([value, text]) => `<option value="${value}">${text}</option>`).join("");
    const held = ["rest", ...view.pushes.map(([name]) => name.toLowerCase())];
    parts.push.innerHTML = held.map((text, k) => `<option value="${k}">${text}</option>`).join("");
    view.types.forEach((name, k) => (parts[`type${k}`].textContent = name));
  }

  /** The group that is looked at, if the network has it; else its first. */
  group() {
    const { recurrent, input, network } = this.found.anatomy;
    const { group } = this.page.look();
    const [layer, index] = group.split("-");
    const sizes = { r: recurrent.sizes, i: input.sizes, u: new Array(network.units).fill(2) }[layer];
    return sizes[index] > 1 ? group : recurrent.sizes[0] > 1 ? "r-0" : "u-0";
  }

  chosen() {
    const { recurrent, input } = this.found.anatomy;
    const [layer, index] = this.group().split("-");
    return layer === "u" ? [Number(index)] : membersOf((layer === "r" ? recurrent : input).labels, Number(index));
  }

  /** Another group, lesion or input: words at once, numbers as they come. */
  async look(fresh = false) {
    if (this.failed) this.parts.live.textContent = this.failed; // again
    if (!this.found) return;
    const { parts, found, flow } = this;
    const { anatomy } = found;
    const { lesion, push } = this.page.look();
    const chosen = this.chosen();
    [parts.group.value, parts.lesion.value, parts.push.value] = [this.group(), lesion, push];
    const module = this.group().startsWith("r") ? Number(this.group().slice(2)) : anatomy.recurrent.labels[chosen[0]];
    parts.swatch.style.background = this.group().startsWith("i") ? "none" : (MODULE_COLORS[module] ?? "var(--fc-ink)");
    Object.assign(found, { chosen, lesion, after: lesion === "none" ? anatomy.intact : null });
    if (flow) {
      const lesioned = lesion === "none" ? null : lesionedPortrait(flow, anatomy.weights, anatomy.network, lesion, chosen);
      const inputs = push ? anatomy.view.pushes[push - 1][1] : anatomy.view.rest;
      this.order = flow.portrait.units;
      this.panel.show({ intact: flow, lesioned, inputs, fresh });
    }
    this.say();
    this.drawings.forEach((part) => this.page.later(part));
    const asked = (this.asked = {});
    const after = await inSlices(
      withLesion(anatomy, lesion === "none" ? "output" : lesion, lesion === "none" ? [] : chosen),
      () => asked === this.asked);
    if (asked !== this.asked || found !== this.found) return;
    found.after = after;
    this.say();
    this.page.later("bars");
  }

  say() {
    if (!this.found) return;
    const { recurrent } = this.found.anatomy;
    const text = lookText({ ...this.found, group: this.group(), run: this.flow && this.panel.run,
      alike: this.page.agreement(this.found.kept) });
    this.parts.live.textContent = text;
    alt(this.parts.flow, `Phase plane. ${text}`);
    const who = groupText(this.group(), this.found.chosen, recurrent.labels);
    alt(this.parts.felt, `Mean distance over the plane that the lesion of each unit makes; marked: ${who}`);
  }

  pickBlock(layer, px, py) {
    const drawn = this[`${layer}Order`];
    if (!drawn || px < GUTTER || py < TOP) return;
    const row = Math.min(drawn.labels.length - 1, Math.floor((py - TOP) / drawn.cell));
    const label = drawn.labels[row];
    if (label === undefined) return;
    const alone = this.found.anatomy[layer].sizes[label] < 2; // no module: a unit
    this.page.choose({ group: alone ? `u-${drawn.order[row]}` : `${layer[0]}-${label}` });
  }

  matrix(layer, { theme, colors }) {
    const { parts, found: { anatomy, chosen } } = this;
    const part = anatomy[layer];
    const order = orderByModule(part.labels).filter((unit) => part.labels[unit] >= 0);
    const place = new Map(part.live.map((unit, k) => [unit, k]));
    const values = Float32Array.from(
      order.flatMap((i) => order.map((j) => part.fc[place.get(i) * part.live.length + place.get(j)])));
    const labels = order.map((unit) => part.labels[unit]);
    const width = Math.min(parts[layer].parentNode.clientWidth, WIDEST_MATRIX);
    const names = part.sizes.map((_, k) => (layer === "input" ? letterOf(k) : String(k + 1)));
    const [kind, index] = this.group().split("-");
    const cutRows = chosen.map((unit) => order.indexOf(unit)).filter((row) => row >= 0);
    const own = kind === layer[0] ? Number(index) : -2;
    drawMatrix(parts[layer], { values, labels, names, chosen: own, cutRows, width, ink: colors.ink, theme });
    this[`${layer}Order`] = { labels, order, cell: (width - GUTTER - 14) / Math.max(1, labels.length) };
    alt(parts[layer], `Functional connectivity of the ${layer === "input" ? "input projections" : "recurrent layer"}: ` +
      `${spans(labels).length} modules, q ${signed(part.q)}; ${cutRows.length} chosen units marked`);
    if (layer === "recurrent") parts.scale.style.background = gradient(theme);
  }

  draw(part, look) {
    if (!this.found) return;
    const { parts, found: { anatomy, chosen, after, kept }, flow, likeness } = this;
    const { view, recurrent, intact, network } = anatomy;
    const size = (name, height = PICTURE_HEIGHT) => ({ width: parts[name].parentNode.clientWidth, height });
    const pictures = {
      input: () => this.matrix("input", look),
      recurrent: () => this.matrix("recurrent", look),
      plane: () => {
        const { plane, rules } = anatomy;
        parts.plane.innerHTML = planeSvg(
          { ...fit(parts.plane, 300), plane, rules, labels: recurrent.labels, names: view.stimuli, chosen });
        alt(parts.plane,
          `Each unit at its weights from ${view.stimuli.join(" and ")}; ${chosen.length} chosen units ringed`);
      },
      bars: () => {
        parts.barsTitle.textContent = after ? "Accuracy, uncut (line) and now" : "Accuracy: counting …";
        if (!after) return;
        const cut = after.accuracy;
        parts.bars.innerHTML = barsSvg({ ...fit(parts.bars, PICTURE_HEIGHT), intact: intact.accuracy, cut });
        alt(parts.bars, view.types.map((name, k) =>
          `${name}: ${Math.round(100 * cut[k])} %, uncut ${Math.round(100 * intact.accuracy[k])} %`).join("; "));
      },
      flow: () => flow && this.panel.draw({ size: size("flow"), colors: look.colors }),
      pairs: () => {
        parts.pairsTitle.textContent = likeness ? likenessText(likeness) : "Lesion similarity and FC";
        if (likeness?.live.length) drawPairs(parts.pairs, { ...likeness, chosen, size: size("pairs"), colors: look.colors });
        alt(parts.pairs, parts.pairsTitle.textContent);
      },
      felt: () => likeness && drawBars(parts.felt,
        { means: likeness.means, units: this.order, chosen, size: size("felt", FELT_HEIGHT), colors: look.colors }),
      nulls: () => {
        parts.nullsTitle.textContent = likeness ? nullsText(likeness) : "FC modules on lesion similarity";
        parts.nulls.innerHTML = likeness?.live.length ? nullsSvg({ ...fit(parts.nulls, 180), ...likeness }) : "";
        alt(parts.nulls, `${parts.nullsTitle.textContent}; bars, 1,000 shuffles of the labels`);
      },
      sheet: () => {
        if (this.page.growing()) return;
        const { setup } = kept.file;
        parts.sheetView.hidden = setup?.penalty !== "distance";
        if (parts.sheetView.hidden) return;
        parts.sheet.innerHTML = sheetSvg({ ...fit(parts.sheet, 300), units: network.units,
          weights: anatomy.weights.w_rec, labels: recurrent.labels, chosen });
        alt(parts.sheet, `Units on a sheet, colored by module, ${chosen.length} chosen units ringed`);
      },
    };
    pictures[part]();
  }

  numbers() {
    const { found, likeness } = this;
    if (!found) return { busy: this.busy, apart: null };
    const { recurrent, input, intact } = found.anatomy;
    return {
      busy: this.busy, apart: found.name, chosen: found.chosen, lesion: found.lesion,
      after: found.after?.accuracy ?? null, intact: intact.accuracy,
      modules: recurrent.sizes, inputModules: input.sizes, q: recurrent.q, r: likeness?.r ?? null, p: likeness?.p ?? null,
      path: this.panel.run?.path ?? null, from: this.panel.from,
    };
  }
}
