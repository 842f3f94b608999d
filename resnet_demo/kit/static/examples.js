// Marks the example that is shown, and none when the photo is the visitor's own.
let chosen = "0";
const mark = () => element.querySelectorAll("button").forEach(
  (button) => button.setAttribute("aria-pressed", button.dataset.index === chosen));
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-index]");
  if (!button) return;
  chosen = button.dataset.index;
  mark();
  if (event.isTrusted) window.resnet.example(button.dataset.key);
  trigger("select", { index: Number(chosen) });
});
document.addEventListener("own-picture", () => { chosen = null; mark(); });
watch("value", () => requestAnimationFrame(mark));
