// Small repairs to the theme's page, for readers who do not use a mouse.
document.addEventListener("DOMContentLoaded", () => {
  // The sidebar holds the book's title and its contents: one landmark for both.
  const sidebar = document.querySelector(".bd-sidebar-primary");
  if (sidebar) {
    sidebar.setAttribute("role", "navigation");
    sidebar.setAttribute("aria-label", "Book");
  }

  // What scrolls sideways must be reachable by keyboard. Formulas get their width late, so look again.
  const boxes = "pre, figure, .math.notranslate, .cell_output .text_html:has(> table), .pst-scrollable-table-container";
  const reach = () => {
    for (const box of document.querySelectorAll(boxes)) {
      const names = { tabindex: "0" };
      if (box.matches("figure")) Object.assign(names, { role: "group", "aria-label": "Figure, scrolls sideways" });
      const scrolls = box.scrollWidth > box.clientWidth;
      for (const [name, value] of Object.entries(names)) {
        if (scrolls) box.setAttribute(name, value);
        else if (box.getAttribute(name) === value) box.removeAttribute(name);
      }
    }
  };
  new ResizeObserver(reach).observe(document.body);
});

// Paper is white, whatever the screen is.
let onScreen;
addEventListener("beforeprint", () => {
  onScreen = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = onScreen;
});
