// Tells a page to compute: when it is first seen, and when it is seen after the photo, the pair, or a control that the
// chapter's pages share has changed.
const state = (window.resnetState ??= { revision: 0, chapters: {}, computed: {}, started: false });
const look = () => {
  const revision = `${state.revision}.${state.chapters[PLACE.split("-")[0]] ?? 0}`;
  if (!state.started || !element.offsetWidth || state.computed[PLACE] === revision) return;
  state.computed[PLACE] = revision;
  trigger("submit");
};
new ResizeObserver(look).observe(element);
document.addEventListener("resnet-state", () => element.isConnected && look());
look();
