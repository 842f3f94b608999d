// A block is chosen in the drawing or in the table, by mouse or by keys; both mark it, and the drawing tells the server.
const FIRST = "layer1.0";
const drawing = element.id === "blocks-network-diagram" || Boolean(element.closest("#blocks-network-diagram"));
let chosen = FIRST;

const visible = (node) => node.getClientRects().length > 0;
const units = () => [...element.querySelectorAll(".unit[data-name]")];

function mark() {
  const marked = [...element.querySelectorAll("[data-name]")];
  const name = marked.some((node) => node.dataset.name === chosen) ? chosen : FIRST;
  for (const node of marked) {
    const is = node.dataset.name === name;
    if (node.matches(".unit")) {
      node.setAttribute("aria-selected", is);
      node.setAttribute("tabindex", is ? 0 : -1);
    } else {
      node.classList.toggle("chosen", is);
      if (is) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  }
}

function choose(name) {
  document.dispatchEvent(new CustomEvent("block-chosen", { detail: name }));
}

function reveal() {
  const row = element.querySelector("tr.chosen");
  const box = row?.closest(".scroll");
  if (box) box.scrollTop = row.offsetTop - box.clientHeight / 2;
}

document.addEventListener("block-chosen", (event) => {
  if (!element.isConnected) return;
  chosen = event.detail;
  mark();
  if (drawing) trigger("select", { index: chosen });
  else reveal();
});

function save(button) {
  const shown = [...button.closest(".drawing").querySelectorAll("svg.sheet")].find(visible);
  const copy = shown.cloneNode(true);
  const [, , width, height] = copy.getAttribute("viewBox").split(" ");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.setAttribute("style", "color: #0f172a; background: #ffffff");
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = ".paper { fill: #ffffff }";
  copy.prepend(style);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  link.download = button.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button.save");
  if (button) return save(button);
  const node = event.target.closest("[data-name]");
  if (node) choose(node.dataset.name);
});

element.addEventListener("keydown", (event) => {
  const unit = event.target.closest?.(".unit[data-name]");
  if (!unit) return;
  const all = units().filter(visible);
  const at = all.indexOf(unit);
  const next = {
    ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1,
    Enter: at, " ": at,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const to = all[Math.min(Math.max(next, 0), all.length - 1)];
  choose(to.dataset.name);
  to.focus({ preventScroll: false });
});

mark();
watch("value", () => requestAnimationFrame(mark));
