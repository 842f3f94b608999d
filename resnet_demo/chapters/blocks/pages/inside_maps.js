// Draws the maps of an open block on one colour scale. Pointing reads a value, a click or Enter follows the pixel.
const CELL = 132;
let view = null;
let mine = null; // the pixel that was pointed at, and in which block
let picked = null;

const node = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

// Blue below zero, white at zero, red above (ColorBrewer's RdBu, its ends and quarters).
const ANCHORS = [[5, 48, 97], [67, 147, 195], [247, 247, 247], [214, 96, 77], [103, 0, 31]];
function colour(part) {
  const at = Math.min(Math.max((part + 1) * 2, 0), 4), low = Math.min(Math.floor(at), 3);
  return ANCHORS[low].map((value, c) => Math.round(value + (at - low) * (ANCHORS[low + 1][c] - value)));
}

function paint(canvas, map) {
  const small = document.createElement("canvas");
  [small.width, small.height] = [map[0].length, map.length];
  const context = small.getContext("2d");
  const pixels = context.createImageData(small.width, small.height);
  map.forEach((row, r) => row.forEach((value, c) => {
    pixels.data.set([...colour(value / view.limit), 255], 4 * (r * small.width + c));
  }));
  context.putImageData(pixels, 0, 0);
  const large = canvas.getContext("2d");
  large.imageSmoothingEnabled = false;
  large.drawImage(small, 0, 0, canvas.width, canvas.height);
  const place = where();
  if (place.channel !== Number(canvas.dataset.channel)) return;
  const [w, h] = [canvas.width / small.width, canvas.height / small.height];
  const [row, column] = scaled(place, map);
  large.lineWidth = 5;
  large.strokeStyle = "#ffffff";
  large.strokeRect(column * w - 2, row * h - 2, w + 4, h + 4);
  large.lineWidth = 3;
  large.strokeStyle = "#16a34a";
  large.strokeRect(column * w - 2, row * h - 2, w + 4, h + 4);
}

// A pixel of the output in a map that may be larger, as x is before a stride.
const scaled = ({ row, column }, map) => [
  Math.floor((row * map.length) / view.height), Math.floor((column * map[0].length) / view.width),
];

const channelOf = (index) => Math.floor(index / (view.height * view.width));

function where() {
  const rest = picked % (view.height * view.width);
  return { channel: channelOf(picked), row: Math.floor(rest / view.width), column: rest % view.width };
}

const told = (value) => value.toPrecision(4).replace("-", "−");

function pick(channel, row, column) {
  picked = (channel * view.height + row) * view.width + column;
  mine = { index: picked, block: view.block };
  repaint();
  trigger("select", mine);
}

function repaint() {
  for (const canvas of element.querySelectorAll("canvas[data-key]"))
    paint(canvas, view.maps[canvas.dataset.key][Number(canvas.dataset.line)]);
}

function thumbnail(column, line, output) {
  const channel = view.channels[line], map = view.maps[column.key][line];
  if (!map) return node("div", { class: "none" }, view.texts.no_channel);
  const label = `${column.title}, ${view.texts.channel} ${channel}`;
  const canvas = node("canvas", {
    width: 2 * CELL, height: 2 * CELL, "data-key": column.key, "data-line": line, "data-channel": channel,
    role: "img", "aria-label": label, tabindex: 0,
  });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const part = (value, side) => Math.min(Math.max(Math.floor(value * side), 0), side - 1);
    return [
      part((event.clientY - box.top) / box.height, map.length),
      part((event.clientX - box.left) / box.width, map[0].length),
    ];
  };
  const tell = ([row, columnAt], live) => { // read out after a key, not at every move of a pointer
    output.setAttribute("aria-live", live);
    output.textContent = `${label} [${row}, ${columnAt}] = ${told(map[row][columnAt])}`;
  };
  canvas.addEventListener("pointermove", (event) => tell(at(event), "off"));
  canvas.addEventListener("pointerleave", (event) => { // a finger leaves with every tap
    if (event.pointerType !== "touch") output.textContent = view.texts.hover;
  });
  canvas.addEventListener("click", (event) => {
    const [row, columnAt] = at(event);
    tell([row, columnAt], "off");
    pick(
      channel, Math.floor((row * view.height) / map.length), Math.floor((columnAt * view.width) / map[0].length),
    );
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [0, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = where();
    const start = now.channel === channel ? now : { row: view.height >> 1, column: view.width >> 1 };
    const inside = (value, side) => Math.min(Math.max(value, 0), side - 1);
    pick(channel, inside(start.row + step[0], view.height), inside(start.column + step[1], view.width));
    tell(scaled(where(), map), "polite");
  });
  return canvas;
}

function bar() {
  const stops = Array.from({ length: 21 }, (_, i) => `rgb(${colour(i / 10 - 1)})`);
  const strip = node("div");
  strip.style.background = `linear-gradient(90deg, ${stops})`;
  const ends = [-view.limit, 0, view.limit].map((value) => node("span", {}, value ? told(value) : "0"));
  return node("div", { class: "legend scale" }, strip, node("div", {}, ...ends));
}

function show() {
  const stage = element.querySelector(".maps");
  if (!stage) return;
  if (!props.value) { stage.replaceChildren(); return; }
  view = props.value;
  picked = mine?.block === view.block && view.channels.includes(channelOf(mine.index)) ? mine.index : view.first;
  const output = node("output", { class: "hint", "aria-live": "off" }, view.texts.hover);
  const grid = node("div", { class: "map-grid" });
  grid.style.setProperty("--columns", view.columns.length);
  grid.append(node("div"), ...view.columns.map((column, i) => {
    const head = node("div", { class: "head" });
    if (view.signs[i]) head.append(node("span", { class: "sign" }, view.signs[i]));
    head.append(node("b", {}, column.title));
    return head;
  }));
  view.channels.forEach((channel, line) => {
    grid.append(node("div", { class: "channel" }, `${view.texts.channel} ${channel}`));
    for (const column of view.columns) grid.append(thumbnail(column, line, output));
  });
  stage.replaceChildren(
    node("p", { class: "summary" }, view.facts), bar(), grid, output, node("p", { class: "hint" }, view.texts.pick),
    ...view.notes.map((note) => node("p", { class: "hint" }, note)),
  );
  repaint();
  trigger("select", { index: picked, block: view.block }); // the walk to it
}

show();
watch("value", show);
