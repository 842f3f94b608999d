// Tells a page to compute: when it is first seen, and when it is seen after the photo, the pair, a control that the
// chapter's pages share, or one of its own that follows the pair has changed.
const TOGETHER = 100; // milliseconds
const state = (window.resnetState ??= { revision: 0, changes: {}, computed: {}, started: false });
const look = () => {
  const revision = [state.revision, state.changes[PLACE.split("-")[0]], state.changes[PLACE]].join();
  if (!state.started || !element.offsetWidth || state.computed[PLACE] === revision) return;
  state.computed[PLACE] = revision;
  trigger("submit");
};
// What one act of the visitor changes, such as another pair and the controls that follow it, is one reason to compute.
let soon;
const lookSoon = () => {
  clearTimeout(soon);
  soon = setTimeout(look, TOGETHER);
};
new ResizeObserver(look).observe(element);
document.addEventListener("resnet-state", () => element.isConnected && lookSoon());
look();
