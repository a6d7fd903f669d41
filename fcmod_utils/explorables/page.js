// The theme of the page around an explorable.

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
