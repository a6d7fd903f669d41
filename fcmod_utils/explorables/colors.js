// Colors with a fixed meaning, and a canvas as sharp as the screen.

export const MODULE_COLORS = ["#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"]; // then ink

// Diverging map at -1, -0.5, 0, 0.5, 1; the middle is the ground of the theme.
const STOPS = {
  light: [[33, 102, 172], [146, 197, 222], [247, 247, 247], [244, 165, 130], [178, 24, 43]],
  dark: [[146, 197, 222], [55, 125, 184], [32, 37, 45], [190, 66, 62], [250, 178, 145]],
};

/** Red, green, blue of a value in [-1, 1]; NaN is grey. */
export function divergingColor(value, theme) {
  if (Number.isNaN(value)) return [128, 128, 128];
  const stops = STOPS[theme];
  const place = (Math.max(-1, Math.min(1, value)) + 1) * 2;
  const i = Math.min(3, Math.floor(place));
  return stops[i].map((channel, c) => Math.round(channel + (place - i) * (stops[i + 1][c] - channel)));
}

/** CSS gradient of the map, for its color bar. */
export function gradient(theme) {
  return `linear-gradient(to right, ${STOPS[theme].map((rgb) => `rgb(${rgb})`).join(", ")})`;
}

/** Give a canvas its size on the page; returns its context, in units of the page. */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return context;
}
