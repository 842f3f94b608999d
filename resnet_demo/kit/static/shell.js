// What the browser does for the whole app: the page's language, and the address as the place where a visitor is.
window.resnet = (() => {
  const state = (window.resnetState ??= { revision: 0, chapters: {}, computed: {}, started: false });
  const query = () => new URLSearchParams(location.search);
  const FORMER = { compare_cam: "gradcam", inspector: "blocks", calculator: "parameters" };
  let timer, click = null;
  // Tabs also report a selection when they are laid out and when the history sets them: only what the visitor clicked
  // is a place to come back to, and a chapter with the page that opens in it is one step, however late they report.
  addEventListener("click", (event) => { if (event.isTrusted && event.target.closest?.("[role=tab], .overflow-dropdown button")) click = { pushed: false }; }, true);

  const write = (change, push) => {
    const now = query();
    change(now);
    const text = now.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    const url = location.pathname + (text ? `?${text}` : "");
    if (url === location.pathname + location.search) return;
    history[push ? "pushState" : "replaceState"](null, "", url);
    // A Space is shown in a frame: the address that people copy is the outer page's.
    if (window.parent !== window) window.parent.postMessage({ queryString: text, hash: "" }, "*");
    document.querySelectorAll("a[data-language]").forEach(link);
  };

  // The other language at the same place.
  const link = (anchor) => {
    const there = query();
    there.delete("lang");
    if (anchor.dataset.language === "en") there.set("lang", "en");
    const text = there.toString();
    anchor.href = anchor.dataset.href + (text ? `?${text}` : "");
  };

  // Pages by their names of before: old links keep working.
  const FORMER_PAGES = {
    residual: { hand: "one_block", stack: "many_blocks", fit: "fitting", identity: "identity_mappings", zero: "zero_gamma", halving: "downsampling" },
  };
  const page = (tab, asked) => FORMER_PAGES[tab]?.[asked.get("show")] ?? asked.get("show");

  const button = (id) => document.getElementById(`${id}-button`);

  const restore = () => {
    const asked = query();
    const tab = FORMER[asked.get("tab")] ?? asked.get("tab") ?? document.body.dataset.first;
    button(`tab-${tab}`)?.click();
    const show = page(tab, asked);
    if (show) requestAnimationFrame(() => button(`${tab}-page-${show}`)?.click());
  };
  addEventListener("popstate", () => { click = null; restore(); });

  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* only the memory is lost */ } };
  const forget = (key) => { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } };
  const PHOTO = "resnet-photo", LARGEST_COPY = 300_000;
  const loaded = (url) => new Promise((resolve, reject) => {
    const image = Object.assign(new Image(), { onload: () => resolve(image), onerror: reject, src: url });
  });
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  return {
    // The photo, as the header shows it.
    thumbnail(photo) {
      const image = document.querySelector("#photo-chip img");
      if (image) image.src = photo?.url ?? "";
    },
    // Keeps a small copy of the visitor's own photo in this browser, so that a reload and the other language have it.
    async keep(photo) {
      write((now) => now.delete("example"), false);
      if (!photo?.url) return forget(PHOTO);
      const image = await loaded(photo.url).catch(() => null);
      if (!image) return forget(PHOTO);
      const canvas = document.createElement("canvas");
      for (let side = 720; side >= 90; side /= 2) {
        const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
        canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
        canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
        const context = canvas.getContext("2d");
        context.fillStyle = "#fff";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        const data = canvas.toDataURL("image/jpeg", 0.9);
        if (data.length <= LARGEST_COPY) return remember(PHOTO, data);
      }
    },
    // An example was chosen: it is in the address, and the visitor's own photo is no longer kept.
    example(key) {
      forget(PHOTO);
      write((now) => now.set("example", key), true);
    },
    forget() { forget(PHOTO); },
    // The kept photo, sent again, as the value of the photo's control; nothing where there is none.
    async restored() {
      const nothing = { __type__: "update" };
      const data = recall(PHOTO);
      const asked = query().get("example");
      if (asked && !data) document.querySelector(`#examples button[data-key="${CSS.escape(asked)}"]`)?.click();
      let value = nothing;
      if (data) {
        try {
          const body = new FormData();
          body.append("files", await (await fetch(data)).blob(), "photo.jpg");
          const root = window.gradio_config.root.replace(/\/$/, ""), prefix = window.gradio_config.api_prefix ?? "/gradio_api";
          const [path] = await (await fetch(`${root}${prefix}/upload`, { method: "POST", body })).json();
          value = { path, url: `${root}${prefix}/file=${path}`, orig_name: "photo.jpg", meta: { _type: "gradio.FileData" } };
          this.thumbnail(value);
        } catch { forget(PHOTO); }
      }
      return value;
    },
    // Opens and closes the drawer in which another photo is chosen.
    drawer() {
      const open = document.body.classList.toggle("drawer-open");
      document.getElementById("photo-chip").setAttribute("aria-expanded", String(open));
    },
    projector() { remember("resnet-projector", document.documentElement.classList.toggle("projector") ? "1" : ""); },
    dark() { remember("resnet-dark", document.body.classList.toggle("dark") ? "1" : "0"); },
    // Once the page stands: what this browser was set to.
    start(language, first) {
      document.documentElement.lang = language === "zh" ? "zh-CN" : language;
      document.body.dataset.first = first;
      if (recall("resnet-projector")) document.documentElement.classList.add("projector");
      const dark = recall("resnet-dark");
      if (dark) document.body.classList.toggle("dark", dark === "1");
      this.links();
    },
    // The photo is there, the visitor's own or the first example: pages may compute.
    begin() { state.started = true; document.dispatchEvent(new Event("resnet-state")); },
    // The address of the page that is open, where the browser lets a page write to the clipboard; else selected.
    async copy(button) {
      const there = document.querySelector(button);
      try { await navigator.clipboard.writeText(location.href); there.classList.add("copied"); }
      catch { window.prompt("", location.href); }
      setTimeout(() => there.classList.remove("copied"), 1500);
    },
    // The photo or the pair has changed, or what a chapter's pages share: what is open computes again, what is closed
    // when it is opened.
    changed(chapter) {
      if (chapter) state.chapters[chapter] = (state.chapters[chapter] ?? 0) + 1; else state.revision += 1;
      document.dispatchEvent(new Event("resnet-state"));
    },
    // A chapter or one of its pages was opened by the visitor. What the chapter's pages share stays in the address.
    opened(tab, show, shared) {
      if (!click) return;
      const push = !click.pushed;
      click.pushed = true;
      document.getElementById("address-note")?.remove();
      if (shared === true) return write((now) => now.set("show", show), push);
      write((now) => {
        const kept = ["lang", "example", ...(show ? shared : [])];
        [...now.keys()].filter((name) => !kept.includes(name)).forEach((name) => now.delete(name));
        now.set("tab", tab);
        if (show) now.set("show", show);
      }, push);
    },
    // The settings of the open page that differ from its own: in the address, without a new step in the history.
    settings(tab, show, names, defaults, values) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const asked = query();
        if ((asked.get("tab") ?? document.body.dataset.first) !== tab) return;
        if (show && asked.has("show") && page(tab, asked) !== show) return;
        write((now) => names.forEach((name, i) => {
          const text = String(values[i]);
          if (text === String(defaults[i])) now.delete(name); else now.set(name, text);
        }), false);
      }, 300);
    },
    // What the address sets: a value for each known control, or nothing; what it does not take is left out and said.
    read(known, note) {
      const asked = query(), nothing = { __type__: "update" }, ignored = [];
      const tab = FORMER[asked.get("tab")] ?? asked.get("tab");
      const first = {};
      known.forEach(([chapter, page]) => { first[chapter] ??= page; });
      const show = page(tab, asked) ?? first[tab];
      const values = known.map(([chapter, page, name, kind, choices]) => {
        if (chapter !== tab || (page && page !== show) || !asked.has(name)) return nothing;
        const text = asked.get(name);
        const chosen = (one) => choices.find((choice) => String(choice) === one);
        const value = {
          one: () => chosen(text),
          several: () => (text ? text.split(",").map(chosen) : []),
          flag: () => ({ true: true, false: false })[text],
          number: () => (text.trim() && Number.isFinite(Number(text)) ? Number(text) : undefined),
          text: () => text,
        }[kind]();
        if (value !== undefined && !(Array.isArray(value) && value.includes(undefined))) return value;
        ignored.push(name);
        return nothing;
      });
      if (ignored.length) {
        const said = Object.assign(document.createElement("p"), { id: "address-note", textContent: note + ignored.join(", ") });
        said.setAttribute("role", "status");
        document.querySelector("#header")?.after(said);
      }
      if (asked.get("show")) requestAnimationFrame(() => restore());
      return values;
    },
    links() { document.querySelectorAll("a[data-language]").forEach(link); },
  };
})();
