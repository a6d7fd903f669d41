// Colors with a fixed meaning, and a canvas as sharp as the screen.

export const MODULE_COLORS = ["#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"]; // then ink

// Diverging map at -1, -0.5, 0, 0.5, 1; the middle is the ground of the theme.
const STOPS = {
  light: [[33, 102, 172], [146, 197, 222], [247, 247, 247], [244, 165, 130], [178, 24, 43]],
  dark: [[146, 197, 222], [55, 125, 184], [32, 37, 45], [190, 66, 62], [250, 178, 145]],
};

/** Color at a place from 0 to 1 along some stops; NaN is grey. */
export function along(stops, place) {
  if (Number.isNaN(place)) return [128, 128, 128];
  const far = Math.max(0, Math.min(1, place)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(far));
  return stops[i].map((channel, c) => Math.round(channel + (far - i) * (stops[i + 1][c] - channel)));
}

/** Red, green, blue of a value in [-1, 1]. */
export const divergingColor = (value, theme) => along(STOPS[theme], (value + 1) / 2);

export const cssGradient = (stops) => `linear-gradient(to right, ${stops.map((rgb) => `rgb(${rgb})`).join(", ")})`;

/** CSS gradient of the map, for its color bar. */
export const gradient = (theme) => cssGradient(STOPS[theme]);

/** Give a canvas its size on the page; returns its context, in units of the page. */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  if (canvas.width !== wide || canvas.height !== high) {
    [canvas.width, canvas.height] = [wide, high]; // only then: each new size costs a new surface
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width + 1, height + 1);
  return context;
}

/** Values [row, column] as a small canvas, one pixel a value; `paint` gives a value's color. */
export function heat(values, rows, columns, paint) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const { data } = image;
  for (let i = 0; i < rows * columns; i++) {
    [data[4 * i], data[4 * i + 1], data[4 * i + 2]] = paint(values[i]);
    data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
