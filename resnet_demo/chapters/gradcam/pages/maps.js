// Heat maps over the crops that the networks saw, drawn in the browser from the small raw maps that the server sent once:
// colours, opacity, scale, contour and values need no request. `compare.js` and `gallery.js` build on this.

const ANCHORS = {
  inferno: "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4",
  viridis: "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725",
  cividis: "00224e 002e6a 1a386f 32436d 434e6c 535a6d 61656f 6f7073 7d7c78 8c8878 9b9476 aba072 bcae6c cdbb63 dec958 f0d846 fee838",
  grey: "000000 ffffff",
  jet: "000080 0000ff 0080ff 00ffff 80ff80 ffff00 ff8000 ff0000 800000",
};
const DEFAULTS = { opacity: 0.55, wipe: 0, contour: 0, colours: "inferno", scale: "own" };
const settings = (window.camSettings ??= { ...DEFAULTS }); // one choice for all pictures of the page
const CHANGED = "cam-settings";

function change(setting, value) {
  settings[setting] = value;
  document.dispatchEvent(new CustomEvent(CHANGED, { detail: setting }));
}

const palettes = {};
function palette(name) {
  if (palettes[name]) return palettes[name];
  const stops = ANCHORS[name].split(" ").map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  palettes[name] = Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    return stops[low].map((value, c) => Math.round(value + (at - low) * (stops[low + 1][c] - value)));
  });
  return palettes[name];
}

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The server's float32 values, little-endian, as they are.
function decoded({ rows, columns, values }) {
  const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  return { rows, columns, values: new Float32Array(bytes.buffer), sides: {} };
}

// Bilinear, pixel centres aligned at half pixels, as torch's interpolate(align_corners=False) and OpenCV have it.
function at({ rows, columns, values }, x, y) {
  const u = Math.min(Math.max(x * columns - 0.5, 0), columns - 1);
  const v = Math.min(Math.max(y * rows - 0.5, 0), rows - 1);
  const c = Math.floor(u), r = Math.floor(v), c1 = Math.min(c + 1, columns - 1), r1 = Math.min(r + 1, rows - 1);
  const top = values[r * columns + c] * (1 - u + c) + values[r * columns + c1] * (u - c);
  const below = values[r1 * columns + c] * (1 - u + c) + values[r1 * columns + c1] * (u - c);
  return top * (1 - v + r) + below * (v - r);
}

function resized(map, side) {
  return (map.sides[side] ??= Float32Array.from({ length: side * side }, (_, i) =>
    at(map, ((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side)));
}

function peak(map) {
  const index = map.values.indexOf(Math.max(...map.values));
  return [((index % map.columns) + 0.5) / map.columns, (Math.floor(index / map.columns) + 0.5) / map.rows];
}

// Marching squares: where the map crosses `level`, as a path over a square of `side` pixels.
function contour(map, level, side) {
  const cells = 96, path = new Path2D(), step = 1 / cells;
  const grid = Array.from({ length: cells + 1 }, (_, r) =>
    Float32Array.from({ length: cells + 1 }, (_, c) => at(map, c * step, r * step) - level));
  for (let r = 0; r < cells; r++) {
    for (let c = 0; c < cells; c++) {
      const corners = [[c, r, grid[r][c]], [c + 1, r, grid[r][c + 1]], [c + 1, r + 1, grid[r + 1][c + 1]], [c, r + 1, grid[r + 1][c]]];
      const ends = corners.flatMap(([x, y, from], i) => {
        const [toX, toY, to] = corners[(i + 1) % 4];
        if (from > 0 === to > 0) return [];
        const part = from / (from - to);
        return [[(x + part * (toX - x)) * step * side, (y + part * (toY - y)) * step * side]];
      });
      for (let i = 0; i + 1 < ends.length; i += 2) { path.moveTo(...ends[i]); path.lineTo(...ends[i + 1]); }
    }
  }
  return path;
}

function twice(context, width, stroke) {
  for (const [colour, extra] of [["rgba(0,0,0,0.75)", 2], ["#fff", 0]]) {
    context.strokeStyle = colour;
    context.lineWidth = width + extra;
    stroke();
  }
}

// The picture, the map over it from the wipe on, and the contour: what is downloaded, too.
function paint(canvas, picture, map, largest, { wipe, contour: level } = settings) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const side = canvas.width;
  context.imageSmoothingEnabled = picture.naturalWidth >= 64; // 32 pixels stay 32 pixels
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, side, side);
  if (!(largest > 0)) return;
  const colours = palette(settings.colours), values = resized(map, side), from = Math.round(wipe * side);
  const pixels = context.getImageData(0, 0, side, side), data = pixels.data;
  for (let i = 0; i < values.length; i++) {
    if (i % side < from) continue;
    const colour = colours[Math.round(255 * Math.min(Math.max(values[i] / largest, 0), 1))];
    for (let c = 0; c < 3; c++) data[4 * i + c] += settings.opacity * (colour[c] - data[4 * i + c]);
  }
  context.putImageData(pixels, 0, 0);
  const own = Math.max(...map.values);
  if (level > 0 && own > 0) {
    const path = contour(map, level * own, side);
    context.save();
    context.beginPath();
    context.rect(from, 0, side - from, side);
    context.clip();
    twice(context, side / 200, () => context.stroke(path));
    context.restore();
  }
  if (from > 0 && from < side) twice(context, side / 200, () => {
    context.beginPath();
    context.moveTo(from, 0);
    context.lineTo(from, side);
    context.stroke();
  });
}

function gradient() {
  return `linear-gradient(90deg, ${palette(settings.colours).filter((_, i) => i % 15 === 0).map((c) => `rgb(${c})`)})`;
}

function short(value) {
  // As the server writes them: 1,070 and 0.00123, and 1.07 × 10⁻⁵ only beyond.
  const [mantissa, exponent] = value.toExponential(2).split("e");
  const power = Number(exponent);
  if (value === 0) return "0";
  if (power > -5 && power < 6)
    return Number(value.toPrecision(3)).toLocaleString("en-US", { minimumSignificantDigits: 3 });
  return `${mantissa} × 10${[...String(power)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")}`;
}

function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// --------------------------------------------------------------------------------------------- the drawing controls

function range(setting, words, off) {
  const input = node("input", { type: "range", min: 0, max: 1, step: 0.01, name: setting });
  const share = node("output");
  const label = node("label", { class: "cam-range" }, node("span", {}, words, share), input);
  input.addEventListener("input", () => change(setting, Number(input.value)));
  return [label, () => { input.value = settings[setting]; share.textContent = off && !settings[setting] ? off : `${Math.round(100 * settings[setting])}%`; }];
}

function choice(setting, words, options) {
  const list = node("select", { name: setting });
  for (const [key, name] of Object.entries(options)) list.append(node("option", { value: key }, name));
  list.addEventListener("change", () => change(setting, list.value));
  return [node("label", { class: "cam-choice" }, words, list), () => { list.value = settings[setting]; }];
}

function toggle(setting, words, options) {
  const buttons = Object.entries(options).map(([key, name]) => {
    const button = node("button", { type: "button", "data-value": key }, name);
    button.addEventListener("click", () => change(setting, key));
    return button;
  });
  const mark = () => buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.value === settings[setting]));
  return [node("div", { class: "cam-toggle", role: "group", "aria-label": words }, node("span", {}, words), ...buttons), mark];
}

let listening = new AbortController();

// Before this element is drawn anew: what listens for the sake of the last drawing would keep it in memory.
function forget() {
  listening.abort();
  listening = new AbortController();
}

// A bar of controls that follows `settings`, whoever changes them; `redraw` runs after each change while it is shown.
function toolbar(controls, redraw) {
  const bar = node("div", { class: "cam-bar" }, ...controls.map(([control]) => control));
  const follow = () => controls.forEach(([, show]) => show());
  follow();
  document.addEventListener(CHANGED, () => { follow(); redraw(); }, { signal: listening.signal });
  return bar;
}
