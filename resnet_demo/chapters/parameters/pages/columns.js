// The boxes of up to four blocks. What a visitor sets becomes the block's text, which the server reads; boxes stay where
// they are while somebody types in them.
const SOON = 150; // milliseconds: digits typed one after another are one change
const CHANNELS = 256; // of a column that was unused
const KEPT = ["channels_in", "channels_out"]; // when another kind is chosen; all else is the kind's own
const sections = []; // of each column, with the texts that were asked for and are not yet answered
let soon;

const make = (tag, given = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...children);
  return made;
};
// Beside what Gradio writes, since that is written again with every answer, and a box would lose the focus.
const place = element.parentElement.appendChild(make("div", { className: "calc-columns" }));
const labelled = (text, box) => make("label", {}, make("span", { textContent: text }), box);
const list = (name, choices) => make("select", { name }, ...choices.map(([text, value]) => new Option(text, value)));
const texts = () => sections.map((one) => one.asked.at(-1) ?? one.text);
const kindOf = (section) => props.value.kinds.find(({ name }) => name === section.kind.value);
const said = (box) => (box.type === "checkbox" ? (box.checked ? "yes" : "no") : box.value);
const boxesOf = (section) => [...section.fields.querySelectorAll("[name]")];

function ask(section, settings) {
  section.asked.push(section.kind.value && [section.kind.value, ...settings.map((pair) => pair.join(":"))].join(","));
  clearTimeout(soon);
  soon = setTimeout(() => {
    place.dataset.texts = JSON.stringify(texts()); // for the listener, which runs in the browser: in this order
    trigger("select");
  }, SOON);
}

function chosen(section) {
  const before = Object.fromEntries(boxesOf(section).map((box) => [box.name, said(box)]));
  const kept = KEPT.filter((name) => kindOf(section).numbers?.includes(name) && before[name]);
  ask(section, before.channels_in ? kept.map((name) => [name, before[name]]) : [["channels_in", CHANNELS]]);
}

function build(label, index) {
  const { kinds } = props.value;
  const kind = list("kind", kinds.map((one) => [one.label, one.name])), fields = make("div", { className: "calc-fields" });
  const frame = make("section", { className: `calc-column col-${"abcd"[index]}` }, labelled(label, kind), fields);
  frame.setAttribute("aria-label", label);
  const section = { frame, kind, fields, asked: [] };
  kind.addEventListener("change", () => chosen(section));
  fields.addEventListener("input", () => ask(section, boxesOf(section).map((box) => [box.name, said(box)])));
  return section;
}

function lay(section) {
  const { labels, shortcuts } = props.value, { numbers = [], others = [] } = kindOf(section) ?? {};
  section.fields.replaceChildren(
    ...numbers.map((name) => labelled(labels[name], make("input", { type: "number", min: 1, name }))),
    ...others.map((name) => labelled(labels[name], name === "shortcut" ? list(name, shortcuts) : make("input", { type: "checkbox", name }))),
  );
  section.laid = section.kind.value;
}

function show(section, { text, kind, settings }) {
  // An answer may come twice, or be to another column's change. A text that nobody asked for here is from elsewhere.
  if (text !== section.text) section.asked = section.asked.slice(section.asked.indexOf(text) + 1 || Infinity);
  section.text = text;
  if (section.asked.length) return; // what was asked for later is still on its way
  section.kind.value = kind;
  if (section.laid !== section.kind.value) lay(section);
  for (const box of boxesOf(section)) {
    if (box.type === "checkbox") box.checked = settings[box.name] === "yes";
    else if (box !== document.activeElement) box.value = settings[box.name] ?? "";
  }
  section.frame.classList.toggle("unused", !section.kind.value);
}

function draw() {
  const { columns } = props.value ?? {};
  if (!columns) return;
  if (!sections.length) {
    sections.push(...columns.map(({ label }, index) => build(label, index)));
    place.append(...sections.map(({ frame }) => frame));
  }
  sections.forEach((section, index) => show(section, columns[index]));
}

// What is set from elsewhere replaces what was asked for, also where it is what stood there before.
const forget = () => {
  clearTimeout(soon);
  sections.forEach((section) => { section.asked = []; });
  draw();
};
document.addEventListener("click", ({ target }) => target.closest("[id^=parameters-blocks-preset-]") && forget(), true);
addEventListener("popstate", forget);

draw();
watch("value", () => requestAnimationFrame(draw));
