// The one photo of the app: where it comes from, and the small copy of it that stays in this browser.
(() => {
  const { state, write, remember, recall, forget, query } = window.resnet;
  const KEY = "resnet-photo", LARGEST_COPY = 300_000;
  const loaded = (url) => new Promise((resolve, reject) => {
    const image = Object.assign(new Image(), { onload: () => resolve(image), onerror: reject, src: url });
  });
  const reduced = (image) => {
    const canvas = document.createElement("canvas");
    for (let side = 720; ; side /= 2) {
      const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      const context = canvas.getContext("2d");
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const data = canvas.toDataURL("image/jpeg", 0.9);
      if (data.length <= LARGEST_COPY) return data;
    }
  };
  const example = (key) => document.querySelector(`#examples button[data-key="${CSS.escape(key)}"]`);
  const isOpen = () => document.body.classList.contains("drawer-open");

  Object.assign(window.resnet, {
    // The photo, as the header shows it.
    thumbnail(photo) {
      const image = document.querySelector("#photo-chip img");
      if (image) image.src = photo?.url ?? "";
    },
    // Keeps a small copy of the visitor's own photo, so that a reload and the other language have it.
    async keep(photo) {
      if (photo) this.drawer(false);
      write((now) => now.delete("example"), false);
      const image = photo?.url && await loaded(photo.url).catch(() => null);
      if (!image) return forget(KEY);
      document.documentElement.classList.toggle("unkept", !remember(KEY, reduced(image)));
    },
    // An example was chosen: it is in the address, and the visitor's own photo is no longer kept.
    example(key) {
      this.drawer(false);
      forget(KEY);
      write((now) => now.set("example", key), true);
    },
    forget() { forget(KEY); },
    // The kept photo, sent again, as the value of the photo's control; nothing where there is none.
    async restored() {
      const data = recall(KEY), asked = query().get("example");
      if (!data) {
        if (asked) example(asked)?.click();
        return { __type__: "update" };
      }
      const body = new FormData();
      body.append("files", await (await fetch(data)).blob(), "photo.jpg");
      const address = window.gradio_config.root.replace(/\/$/, "") + window.gradio_config.api_prefix;
      const [path] = await (await fetch(`${address}/upload`, { method: "POST", body })).json();
      const value = { path, url: `${address}/file=${path}`, orig_name: "photo.jpg", meta: { _type: "gradio.FileData" } };
      this.thumbnail(value);
      return value;
    },
    // Opens and closes the drawer in which another photo is chosen. It covers the page: a choice closes it.
    drawer(open = !isOpen()) {
      const chip = document.getElementById("photo-chip");
      if (!open && document.getElementById("drawer").contains(document.activeElement)) chip.focus();
      document.body.classList.toggle("drawer-open", open);
      chip.setAttribute("aria-expanded", String(open));
    },
  });
  // A step in the history leads to the example of its address, but never takes a visitor's own photo away.
  addEventListener("popstate", () => {
    const shown = document.querySelector("#examples button[aria-pressed=true]");
    const asked = query().get("example") ?? document.querySelector("#examples button[data-index='0']")?.dataset.key;
    if (shown && asked && shown.dataset.key !== asked) example(asked)?.click();
  });
  addEventListener("keydown", ({ key }) => { if (key === "Escape" && isOpen()) window.resnet.drawer(false); });
  // Before others hear of the click: they may remove what was clicked.
  addEventListener("click", ({ target }) => { if (isOpen() && !target.closest("#drawer, #photo-chip")) window.resnet.drawer(false); }, true);

  // Every file that is chosen, dropped or pasted reaches the server, which tells in the visitor's language what is wrong
  // with it, in place of the results. Gradio's page would refuse one whose name has no known ending, or a very large one,
  // in English, and leave the old results. Of a large one no more is sent than shows that it is too large.
  const MOST = 20e6; // bytes: MAX_MEGABYTES of data/pictures.py
  const acceptable = (files) => {
    const list = new DataTransfer();
    for (const file of files) {
      const type = file.type.startsWith("image/") ? file.type : "image/jpeg";
      list.items.add(file.size <= MOST && type === file.type ? file : new File([file.slice(0, MOST + 1)], file.name, { type }));
    }
    return list.files;
  };
  const give = (input, files) => {
    input.files = acceptable(files);
    input.dispatchEvent(new Event("change", { bubbles: true }));
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
    give(input, event.dataTransfer.files);
  }, true);
  document.addEventListener("paste", (event) => {
    const input = document.querySelector("#photo input[type='file']");
    if (!input || !event.clipboardData?.files.length || event.target.closest?.("textarea, input:not([type=file])")) return;
    event.preventDefault();
    give(input, event.clipboardData.files);
  });
})();
