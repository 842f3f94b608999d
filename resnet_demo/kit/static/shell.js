// What the browser does for the whole app: the address as the place where a visitor is, and what the header sets.
window.resnet = (() => {
  // To lay out the page, Gradio looks through all listeners once for each component, and Svelte, which it is built with,
  // lets it read a plain object through a proxy only: 40% of the browser's work until the page is there. An object of a
  // class is read directly. Listeners never change, so nobody needs to hear of it.
  const listeners = window.gradio_config?.dependencies ?? []; // another site's page, which shows the app, has none
  const { prototype } = class Listener {};
  listeners.forEach((one) => Object.setPrototypeOf(one, prototype));

  const state = (window.resnetState ??= { revision: 0, changes: {}, computed: {}, started: false });
  const FORMER = { compare_cam: "gradcam", inspector: "blocks", calculator: "parameters" };
  // Pages by their names of before: old links keep working.
  const FORMER_PAGES = {
    residual: { hand: "one_block", stack: "many_blocks", fit: "fitting", identity: "identity_mappings", zero: "zero_gamma", halving: "downsampling" },
    gradients: { shattered: "shattered_gradients" },
    degradation: { live: "live_training", lesions: "ablation", photographs: "study" },
  };
  // Settings by their names of before.
  const FORMER_SETTINGS = {
    "classify-networks": "chosen", "blocks-trained": "network", "blocks-block": "block", "blocks-channels": "channels",
    "blocks-decision-name": "name", "blocks-decision-shortcut": "shortcut", "blocks-anysize-name": "name", "blocks-anysize": "size",
    "cam-left": "left", "cam-right": "right", "cam-target": "target", "cam-layer": "layer", "cam-method": "method",
    "cam-against": "against", "cam-counterfactual": "counterfactual", "cam-gallery-kind": "kind",
    "blocks-response-first": "first", "blocks-response-second": "second", "blocks-response-order": "order",
    "blocks-view": "view", "blocks-name": "name", "blocks-other": "other", "blocks-size": "size",
    "blocks-a-shortcut": "shortcut", "blocks-a-preactivation": "preactivation",
    "blocks-a-dilation": "dilation", "blocks-b-dilation": "other_dilation", "blocks-a-stride": "stride_in_1x1",
    "blocks-a-groups": "groups", "blocks-a-width": "width_per_group", "blocks-a-classes": "num_classes",
    "blocks-b-shortcut": "other_shortcut", "blocks-b-preactivation": "other_preactivation",
    "blocks-b-stride": "other_stride_in_1x1", "blocks-b-groups": "other_groups",
    "blocks-b-width": "other_width_per_group", "blocks-b-classes": "other_num_classes",
    "gradients-pair": "twins", "gradients-norm": "norm", "gradients-initialisation": "initialisation",
    "gradients-activation": "activation", "gradients-version": "version", "gradients-batch": "batch",
    "gradients-seeds": "seeds", "gradients-quantity": "quantity", "gradients-axis": "axis",
    "gradients-claims-depth": "depth", "gradients-shattered-norm": "norm", "gradients-shattered-change": "change",
  };
  const KEPT = ["lang", "pair", "example", "embed", "hide"]; // wherever in the app a visitor goes
  const NOTHING = { __type__: "update" };
  const root = document.documentElement, query = () => new URLSearchParams(location.search);
  const settings = {}; // of each page that differ from its own
  const followed = {}; // what controls have that follow the pair, by their ids
  const ignored = new Set(); // what the address names and the app does not have
  let chapters = [], timer, click = null;
  if (query().has("embed")) root.classList.add("embed");
  if (!window.isSecureContext) root.classList.add("insecure"); // no camera and no clipboard there

  // Tabs also report a selection when they are laid out and when the history sets them: only what follows a click or a
  // key is a place to come back to, and a chapter with the page that opens in it is one step, however late they report.
  const acted = ({ isTrusted, target }) => { if (isTrusted) click = { pushed: false, tab: Boolean(target.closest?.("[role=tab]")) }; };
  addEventListener("click", acted, true);
  addEventListener("keydown", acted, true);

  const remember = (key, value) => { try { localStorage.setItem(key, value); return true; } catch { return false; } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const forget = (key) => { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } };

  const write = (change, push) => {
    const now = query();
    change(now);
    const text = now.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    const url = location.pathname + (text ? `?${text}` : "");
    if (url === location.pathname + location.search) return;
    history[push ? "pushState" : "replaceState"](null, "", url);
    // A Space is shown in a frame: the address that people copy is the outer page's.
    if (window.parent !== window) window.parent.postMessage({ queryString: text, hash: "" }, "*");
    links();
  };

  // The other language at the same place.
  const links = () => document.querySelectorAll("a[data-language]").forEach((anchor) => {
    const there = query();
    there.delete("lang");
    if (anchor.dataset.language === "en") there.set("lang", "en");
    const text = there.toString();
    anchor.href = anchor.dataset.href + (text ? `?${text}` : "");
  });

  const renamed = (name) => FORMER_SETTINGS[name] ?? name;
  write((now) => {
    if (now.has("hide")) now.set("hide", now.get("hide").split(",").map(renamed).join(","));
    for (const [name, text] of [...now]) if (renamed(name) !== name) { now.delete(name); now.set(renamed(name), text); }
  }, false);

  // Whether a network of the visitor's own is among the values: its key is for nobody else, and ends with the page.
  const isPrivate = (value) => /~[0-9a-f]{32}/.test(value);

  const pages = (tab) => [...document.querySelectorAll(`[role=tab][id^="${CSS.escape(tab)}-page-"]`)];
  const name = (page) => page.id.replace(/^.*-page-|-button$/g, "");
  const openPage = (tab) => pages(tab).filter((page) => page.ariaSelected === "true").map(name)[0];
  const place = (now = query()) => {
    const tab = FORMER[now.get("tab")] ?? now.get("tab") ?? chapters[0];
    const asked = FORMER_PAGES[tab]?.[now.get("show")] ?? now.get("show");
    return { tab, asked, show: asked ?? openPage(tab) };
  };
  // The elem_id of a control.
  const idOf = (chapter, page, name) => [chapter, page, name].filter(Boolean).join("-");
  // The settings of the open page that differ from its own, as far as they were changed here.
  const set = (now) => {
    const { tab, show } = place(now);
    for (const [name, text] of Object.entries({ ...settings[tab], ...settings[`${tab}/${show}`] }))
      if (text === null) now.delete(name); else now.set(name, text);
  };

  // Waits until what a tab holds is laid out.
  const until = (found) => new Promise((resolve) => {
    const last = performance.now() + 3000;
    const look = () => {
      const value = found();
      if (value || performance.now() > last) resolve(value); else setTimeout(look, 30);
    };
    look();
  });
  // Opens the chapter and the page of the address; tells what it names that is not there.
  const restore = async () => {
    click = null;
    const { tab, asked } = place();
    if (!chapters.includes(tab)) return complain("tab");
    (await until(() => document.getElementById(`tab-${tab}-button`)))?.click();
    if (!asked && tab === chapters[0]) return;
    await until(() => pages(tab).length || document.querySelector(`#tab-${CSS.escape(tab)}:not(:has([role=tablist])) .wake`));
    const there = pages(tab), page = there.find((one) => name(one) === asked);
    (page ?? there[0])?.click();
    if (asked && !page) complain("show");
    if (!page) write((now) => { if (there[0]) now.set("show", name(there[0])); else now.delete("show"); }, false);
  };
  const complain = (...names) => {
    names.forEach((name) => ignored.add(name));
    const note = document.getElementById("address-note");
    note.textContent = ignored.size ? note.dataset.ignored + [...ignored].join(", ") : "";
  };
  addEventListener("popstate", restore);

  // A link within the app (data-go="chapter/page") opens it as its tabs would: one step in the history, no request.
  addEventListener("click", async (event) => {
    const there = event.target.closest?.("a[data-go]");
    if (!there || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    window.resnet.go(...there.dataset.go.split("/"));
  });

  // A link to another pair (data-pair) chooses it in the header, as a step in the history does.
  addEventListener("click", (event) => {
    const there = event.target.closest?.("a[data-pair]");
    if (!there || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    write((now) => now.set("pair", there.dataset.pair), true);
    dispatchEvent(new PopStateEvent("popstate"));
  });

  // A jump from elsewhere than the tabs starts at the top of the page, and so does a screen reader.
  const arrive = () => requestAnimationFrame(() => {
    window.scrollTo({ top: 0 });
    if (click && !click.tab) window.resnet.toContent();
  });

  return {
    state, write, remember, recall, forget, query, restore,
    // Once the page stands: what this browser was set to, and the place of the address.
    async start(language, known) {
      root.lang = language === "zh" ? "zh-CN" : language;
      chapters = known;
      if (recall("resnet-projector")) root.classList.add("projector");
      const dark = recall("resnet-dark");
      if (dark) document.body.classList.toggle("dark", dark === "1");
      links();
      await restore();
    },
    // The photo is there, the visitor's own or the first example: pages may compute.
    begin() { state.started = true; document.dispatchEvent(new Event("resnet-state")); },
    // The photo or the pair has changed, or something of one chapter or page only (`place`): what is open computes
    // again, what is closed when it is opened.
    changed(place) {
      if (place) state.changes[place] = (state.changes[place] ?? 0) + 1; else state.revision += 1;
      document.dispatchEvent(new Event("resnet-state"));
    },
    projector() { remember("resnet-projector", root.classList.toggle("projector") ? "1" : ""); dispatchEvent(new Event("resize")); },
    dark() { remember("resnet-dark", document.body.classList.toggle("dark") ? "1" : "0"); },
    // To the question of the open page, past header and tabs.
    toContent() {
      const heading = [...document.querySelectorAll("#tabs h2, #tabs h3")].find((one) => one.offsetParent);
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
      heading?.scrollIntoView({ block: "nearest" });
    },
    // Another pair: in the address, and for the controls that follow it. A link's own settings of these come first.
    pair(key, first, followers) {
      write((now) => { if (key === first || isPrivate(key)) now.delete("pair"); else now.set("pair", key); }, Boolean(click));
      const values = { both: [key, key.replace(/^resnet/, "plain")], residual: key, plain: key.replace(/^resnet/, "plain") };
      return followers.map(([part, id, name]) => {
        followed[id] = values[part];
        return !state.started && query().has(name) ? NOTHING : values[part];
      });
    },
    // Opens a chapter and one of its pages, if one is named.
    async go(tab, show) {
      document.getElementById(`tab-${tab}-button`).click();
      if (show) (await until(() => pages(tab).find((page) => name(page) === show)))?.click();
    },
    // A chapter or one of its pages was opened by the visitor.
    opened(tab, show) {
      document.dispatchEvent(new CustomEvent("resnet-opened", { detail: { tab, show } }));
      if (!click) return;
      const push = !click.pushed;
      click.pushed = true;
      ignored.clear();
      complain();
      write((now) => {
        [...now.keys()].filter((name) => !KEPT.includes(name)).forEach((name) => now.delete(name));
        now.set("tab", tab);
        const page = show ?? openPage(tab);
        if (page) now.set("show", page);
        set(now);
      }, push);
      arrive();
    },
    // Settings of a page, or of a chapter whose pages share them: in the address, without a new step in the history.
    settings(tab, show, names, first, values) {
      const own = (settings[show ? `${tab}/${show}` : tab] ??= {});
      names.forEach((name, i) => { own[name] = isPrivate(values[i]) || String(values[i]) === String(followed[idOf(tab, show, name)] ?? first[i]) ? null : String(values[i]); });
      clearTimeout(timer);
      timer = setTimeout(() => write(set, false), 300);
    },
    // What the address sets: a value for each known control, or nothing; what it does not take is left out and said.
    // After a step in the history, controls of the open page that the address does not name are as they were at first.
    read(known) {
      const asked = query(), firstPage = {}, hide = (asked.get("hide") ?? "").split(",").filter(Boolean), left = [];
      known.forEach(([chapter, page]) => { firstPage[chapter] ??= page; });
      const { tab, asked: named } = place(asked), show = named ?? firstPage[tab];
      const values = known.map(([chapter, page, name, kind, choices, first]) => {
        if (chapter && (chapter !== tab || (page && page !== show))) return NOTHING;
        if (hide.includes(name)) left.push([name, idOf(chapter, page, name)]);
        if (!asked.has(name)) return state.started ? followed[idOf(chapter, page, name)] ?? first : NOTHING;
        const text = asked.get(name);
        const chosen = (one) => choices.find((choice) => String(choice) === one);
        const value = {
          one: () => chosen(text),
          several: () => (text ? text.split(",").map(chosen) : []),
          flag: () => ({ true: true, false: false })[text],
          number: () => (text.trim() && Number.isFinite(Number(text)) ? Number(text) : undefined),
          text: () => text,
        }[kind]();
        if (value === undefined || (Array.isArray(value) && value.includes(undefined))) {
          complain(name);
          return NOTHING;
        }
        (settings[page ? `${chapter}/${page}` : chapter] ??= {})[name] = text;
        return value;
      });
      complain(...hide.filter((name) => !left.some(([one]) => one === name)));
      const style = (document.getElementById("left-out") ?? document.head.appendChild(Object.assign(document.createElement("style"), { id: "left-out" })));
      style.textContent = left.map(([, id]) => `#${CSS.escape(id)} { display: none !important; }`).join("");
      return values;
    },
    // The address of the open page, or what embeds it; selected, for a browser that lets no page write to the clipboard.
    async share(embed) {
      const there = new URL(location.href), [box, note] = document.querySelectorAll("#share input, #share [role=status]");
      if (embed) there.searchParams.set("embed", "1");
      if (embed && there.pathname.endsWith("/")) there.searchParams.set("lang", "en"); // else a browser's language leads elsewhere
      const address = there.href.replaceAll("%2C", ",").replaceAll("%3A", ":");
      box.value = embed
        ? `<iframe src="${address.replaceAll("&", "&amp;")}" title="${document.title}" width="100%" height="720" style="border:0" loading="lazy" allow="camera; clipboard-write"></iframe>`
        : address;
      box.hidden = false;
      box.select();
      let copied = true;
      try { await navigator.clipboard.writeText(box.value); } catch { copied = false; }
      note.textContent = copied ? note.dataset.copied : note.dataset.selected;
    },
  };
})();
