// The page around an explorable: its theme; and the parts that frames of controls and pictures are made of.

/** Is the ground behind the element dark? Sites that name their theme are taken at their word. */
export function isDark(element) {
  const { theme } = document.documentElement.dataset;
  if (theme === "dark" || theme === "light") return theme === "dark";
  for (let node = element; node; node = node.parentElement) {
    const [r, g, b, a = 1] = getComputedStyle(node).backgroundColor.match(/[\d.]+/g).map(Number);
    if (a > 0.5) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
  }
  return false;
}

/** Call back when the page's theme changes (Sphinx, JupyterLab and Colab mark html or body). */
export function watchTheme(callback) {
  const observer = new MutationObserver(callback);
  const attributeFilter = ["data-theme", "data-jp-theme-light", "theme", "class"];
  for (const node of [document.documentElement, document.body]) observer.observe(node, { attributeFilter });
}

/** A labeled slider that shows its value; `place` puts it somewhere. */
export function slider(id, part, label, { min, max, step }) {
  return `<div><label for="${id}-${part}" data-part="${part}Label">${label}</label>
    <output for="${id}-${part}" data-part="${part}Value"></output>
    <input type="range" id="${id}-${part}" data-part="${part}" min="${min}" max="${max}" step="${step}"></div>`;
}

/** Move a slider, with what it says to the eye and to a screen reader. */
export function place(parts, part, value, shown, spoken = shown) {
  const input = parts[part];
  input.value = value;
  input.style.setProperty("--fc-fill", `${(100 * (input.value - input.min)) / (input.max - input.min)}%`);
  input.setAttribute("aria-valuetext", spoken);
  parts[`${part}Value`].textContent = shown;
}

/** Put controls and pictures into an element, once, over its live text; returns the named parts. */
export function inside(element, label, content) {
  const root = document.createElement("div");
  root.className = "fc-lab";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  root.innerHTML = `<p class="fc-hint" data-part="hint"></p>
    ${content}
    <div class="fc-room" data-part="room">
      <p class="fc-live" role="status" aria-live="polite" data-part="live"></p></div>`;
  element.append(root);
  return Object.fromEntries([...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
}

/** Give an SVG the width of its box and a height; returns both. */
export function fit(svg, height) {
  const size = { width: svg.parentNode.clientWidth, height };
  Object.entries(size).forEach(([key, value]) => svg.setAttribute(key, value));
  return size;
}

/** What a picture shows, for those who do not see it. */
export const alt = (node, text) => node.setAttribute("aria-label", text);
