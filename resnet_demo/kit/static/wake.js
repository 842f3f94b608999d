// Tells a page to compute: when it is first seen, and when it is seen after the photo or the pair has changed.
const state = (window.resnetState ??= { revision: 0, computed: {}, started: false });
const look = () => {
  if (!state.started || !element.offsetWidth || state.computed[PLACE] === state.revision) return;
  state.computed[PLACE] = state.revision;
  trigger("submit");
};
new ResizeObserver(look).observe(element);
document.addEventListener("resnet-state", () => element.isConnected && look());
look();
