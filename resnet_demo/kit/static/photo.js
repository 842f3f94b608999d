// Every file that is chosen or dropped reaches the server, which tells in the visitor's language what is wrong with it,
// in place of the results. Gradio's page would refuse one whose name has no known ending, or a very large one, in
// English, and leave the old results. Of a large one no more is sent than shows that it is too large.
if (!window.photoFiles) {
  window.photoFiles = true;
  const MOST = 20e6; // bytes: MAX_MEGABYTES of data/pictures.py
  const acceptable = (files) => {
    const list = new DataTransfer();
    for (const file of files) {
      const type = file.type.startsWith("image/") ? file.type : "image/jpeg";
      list.items.add(file.size <= MOST && type === file.type ? file : new File([file.slice(0, MOST + 1)], file.name, { type }));
    }
    return list.files;
  };
  document.addEventListener("change", ({ target }) => {
    if (target.matches?.("#photo input[type='file']")) target.files = acceptable(target.files);
  }, true);
  document.addEventListener("drop", (event) => {
    const input = event.target.closest?.("#photo")?.querySelector("input[type='file']");
    if (!input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
    input.files = acceptable(event.dataTransfer.files);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, true);
}
