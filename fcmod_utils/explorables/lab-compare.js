// The Lab's scoreboard: claims that one network can answer, yours beside the book's.
import { stripSvg } from "./lab-plots.js";
import { TASK_NAMES } from "./lab-form.js";
import { signed } from "./text.js";

const SHAPES = [0, 1, 2, 3, 4];
const hidden = (text) => `<span class="fc-hidden">${text}</span>`;

/** Does a value meet a rule such as ">= 0.7"? */
export function meets(value, rule) {
  const [sign, number] = rule.split(" ");
  const limit = Number(number);
  return { ">=": value >= limit, "==": value === limit, "<": value < limit }[sign];
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};
const show = (value, { rule }) =>
  (rule.startsWith("==") ? String(value) : rule.startsWith("<") ? value.toFixed(3) : signed(value));

function cell(kept, task, claim, shown) {
  if (kept.file.task !== task) return "<td>–</td>";
  if (!kept.scores) return kept === shown ? "<td>…</td>" : `<td>–${hidden(" not scored")}</td>`;
  const value = kept.scores[claim.id];
  if (value === undefined) return `<td>–${hidden(" it cannot answer")}</td>`;
  return `<td>${show(value, claim)}
    ${meets(value, claim.rule) ? `✓${hidden(" meets the rule")}` : hidden("does not meet the rule")}</td>`;
}

/** Rows of a task: each claim with the book's distribution, and a column a network. */
function rowsOf(task, { claims, n }, networks, shown) {
  const own = (claim) =>
    networks.map((kept, k) => ({ value: kept.file.task === task ? kept.scores?.[claim.id] : NaN, shape: SHAPES[k] }));
  const title = `<tr class="fc-task"><th scope="rowgroup" colspan="${networks.length + 3}">${TASK_NAMES[task]}</th></tr>`;
  return title + claims.map((claim) => `<tr><th scope="row">${claim.words} <small>${claim.id}, rule
    ${claim.rule.replace(">=", "≥").replace("==", "=")}</small></th>
    <td>${stripSvg({ ...claim, rule: Number(claim.rule.split(" ")[1]), own: own(claim) })}</td>
    <td>${show(median(claim.values), claim)}${hidden(` median of ${n} networks`)}</td>
    ${networks.map((kept) => cell(kept, task, claim, shown)).join("")}</tr>`).join("");
}

const keyMark = (k) => ["●", "■", "▲", "◆", "✖"][k];

/** The whole table; a task that no network was trained on has no rows. */
export function scoresHtml(book, networks, shown) {
  const tasks = Object.keys(book).filter((task) => networks.some(({ file }) => file.task === task));
  const heads = networks.map(({ name, about }, k) => `<th scope="col">${keyMark(k)} ${name}<small>${about}</small></th>`)
    .join("");
  const { n } = book[tasks[0]];
  return `<caption>Scores of your networks (marks) on the book’s ${n} networks (dots); dashed, the rule.</caption>
    <thead><tr><th scope="col">Claim</th><th scope="col">Book and you</th><th
      scope="col">Book<small>median</small></th>${heads}</tr></thead>
    <tbody>${tasks.map((task) => rowsOf(task, book[task], networks, shown)).join("")}</tbody>`;
}
