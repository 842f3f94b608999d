// Two maps side by side, or one: values under the pointer, the finger or the arrow keys, and downloads of what is seen.

const SIDE = 400;

function largest(view, network) {
  return settings.scale === "own" ? network.maximum : Math.max(...view.networks.map((n) => n.maximum));
}

function save(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = node("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// NumPy's format, version 1.0: magic, version, length of the header, header padded to a multiple of 64 bytes, values.
function npy({ rows, columns, values }) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((header.length + 11) / 64) * 64 - 10;
  const start = `\x93NUMPY\x01\x00${String.fromCharCode(length & 255, length >> 8)}${header.padEnd(length - 1)}\n`;
  return [Uint8Array.from(start, (letter) => letter.charCodeAt(0)), values];
}

function downloads(view, network, map, picture) {
  const button = (kind, title, act) => {
    const made = node("button", { type: "button", title, "data-kind": kind }, kind);
    made.addEventListener("click", act);
    return made;
  };
  const { texts } = view, { file } = network;
  return node(
    "p", { class: "cam-downloads" }, node("span", {}, texts.download),
    button("PNG", texts.download_png, () => {
      const canvas = node("canvas", { width: picture.naturalWidth, height: picture.naturalHeight });
      paint(canvas, picture, map, largest(view, network));
      canvas.toBlob((blob) => save(`${file}.png`, blob, "image/png"));
    }),
    button("NPY", texts.download_npy, () => {
      const [header, values] = npy(map);
      save(`${file}.npy`, new Blob([header, values]), "application/octet-stream");
    }),
    button("JSON", texts.download_json, () => {
      const record = { ...network.record, drawing: { ...settings, largest: largest(view, network) } };
      save(`${file}.json`, JSON.stringify(record, null, 2), "application/json");
    }),
  );
}

function ring(context, [x, y], radius) {
  twice(context, 2, () => { context.beginPath(); context.arc(x * SIDE, y * SIDE, radius, 0, 7); context.stroke(); });
}

function cross(context, [x, y]) {
  twice(context, 1.5, () => {
    context.beginPath();
    context.moveTo(x * SIDE - 9, y * SIDE); context.lineTo(x * SIDE + 9, y * SIDE);
    context.moveTo(x * SIDE, y * SIDE - 9); context.lineTo(x * SIDE, y * SIDE + 9);
    context.stroke();
  });
}

function panel(view, network, linked) {
  const map = decoded(network.map), base = node("canvas", { width: SIDE, height: SIDE });
  const canvas = node("canvas", { width: SIDE, height: SIDE, role: "img", tabindex: 0, "aria-label": network.alt });
  const value = node("output", { class: "hint" }, view.texts.hover);
  const bar = node("div", { class: "legend" }, node("div"), node("div"));
  const picture = new Image();
  let point = null;
  const marks = () => {
    const context = canvas.getContext("2d");
    context.drawImage(base, 0, 0);
    if (!network.flat) ring(context, peak(map), 7);
    if (point) cross(context, point);
  };
  const self = {
    network,
    redraw() {
      const top = largest(view, network);
      paint(base, picture, map, top);
      marks();
      bar.firstChild.style.background = gradient();
      bar.firstChild.replaceChildren();
      if (top > network.maximum) bar.firstChild.append(node("i", { style: `left: ${100 * network.maximum / top}%` }));
      bar.lastChild.replaceChildren(node("span", {}, "0"), node("span", {}, short(top)));
    },
    look(at_) {
      point = at_;
      const found = point && at(map, ...point);
      value.textContent = point
        ? filled(view.texts.value, { value: short(found), share: network.maximum ? Math.round(100 * found / network.maximum) : 0 })
        : view.texts.hover;
      marks();
    },
  };
  const everywhere = (where) => linked.filter((other) => other.network.crop === network.crop).forEach((other) => other.look(where));
  const pointed = (event) => {
    const box = canvas.getBoundingClientRect();
    everywhere([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  };
  canvas.addEventListener("pointerdown", pointed);
  canvas.addEventListener("pointermove", pointed);
  canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && everywhere(null));
  canvas.addEventListener("focus", () => canvas.matches(":focus-visible") && everywhere(point ?? peak(map)));
  canvas.addEventListener("blur", () => everywhere(null));
  canvas.addEventListener("keydown", (event) => {
    const [x, y] = point ?? peak(map);
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Home") everywhere(peak(map));
    else if (steps[event.key]) {
      const [right, down] = steps[event.key];
      everywhere([x + right / map.columns, y + down / map.rows].map((part) => Math.min(Math.max(part, 0), 1)));
    } else return;
    event.preventDefault();
  });
  picture.onload = self.redraw;
  picture.src = network.crop;
  self.draw = () => picture.complete && self.redraw();
  const facts = network.facts.map(([term, words]) => node("div", {}, node("dt", {}, term), node("dd", {}, words)));
  self.card = node(
    "section", { class: `card ${network.family}` },
    node("h3", {}, network.title, node("small", {}, network.weights)), node("p", { class: "says" }, network.says),
    canvas, bar, value, node("dl", { class: "cam-facts" }, ...facts), downloads(view, network, map, picture),
  );
  return self;
}

function show() {
  const view = props.value;
  const stage = element.querySelector(".cam");
  if (!stage) return;
  forget();
  if (!view) { stage.replaceChildren(); return; }
  const { texts } = view, panels = [];
  for (const network of view.networks) panels.push(panel(view, network, panels));
  const redraw = () => panels.forEach((each) => each.draw());
  const scale = panels.length > 1 ? [toggle("scale", texts.scale, texts.scale_names)] : [];
  const above = toolbar([range("opacity", texts.opacity), range("wipe", texts.wipe), ...scale], redraw);
  const below = toolbar([range("contour", texts.contour, texts.off), choice("colours", texts.colours, texts.colour_names)], () => {});
  const cards = node("div", { class: `cards ${panels.length > 1 ? "pair" : "alone"}` }, ...panels.map(({ card }) => card));
  const agreement = view.agreement ? [node("p", { class: "hint" }, view.agreement)] : [];
  stage.replaceChildren(above, cards, below, ...agreement, node("p", { class: "hint" }, texts.caveat));
}

show();
watch("value", show);
