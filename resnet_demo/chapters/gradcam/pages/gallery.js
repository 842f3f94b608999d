// Small multiples: many maps at a glance, drawn alike.

const SMALL = 160;

function thumbnail(section, item, top, redraws) {
  const map = decoded(item.map), canvas = node("canvas", { width: SMALL, height: SMALL, role: "img", "aria-label": item.alt });
  const picture = new Image();
  const redraw = () => paint(canvas, picture, map, settings.scale === "own" ? item.maximum : top, { wipe: 0, contour: 0 });
  picture.onload = redraw;
  picture.src = item.crop ?? section.crop;
  redraws.push(() => picture.complete && redraw());
  return node(
    "figure", { class: item.chosen ? "chosen" : undefined }, canvas,
    node("figcaption", {}, node("b", {}, item.title), node("span", {}, item.says), node("span", {}, item.peak)),
  );
}

function showGallery() {
  const view = props.value;
  const stage = element.querySelector(".cam");
  if (!stage) return;
  forget();
  if (!view) { stage.replaceChildren(); return; }
  const redraws = [], { texts } = view;
  const top = Math.max(...view.sections.flatMap(({ items }) => items.map(({ maximum }) => maximum)));
  const sections = view.sections.map((section) => node(
    "section", { class: `cam-row ${section.family}` }, node("h3", {}, section.title, node("small", {}, section.weights)),
    node("div", { class: "cam-grid" }, ...section.items.map((item) => thumbnail(section, item, top, redraws))),
  ));
  const controls = [
    range("opacity", texts.opacity),
    choice("colours", texts.colours, texts.colour_names),
    toggle("scale", texts.scale, texts.scale_names),
  ];
  const bar = toolbar(controls, () => redraws.forEach((redraw) => redraw()));
  const hints = [view.how, texts.caveat].filter(Boolean).map((words) => node("p", { class: "hint" }, words));
  stage.replaceChildren(bar, ...sections, ...hints);
}

showGallery();
watch("value", showGallery);
