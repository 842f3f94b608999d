// For everyone: what Gradio's page and Plotly leave out for screen readers, keyboards, printers and changing widths.
(() => {
  const shown = (one) => one.offsetParent !== null;
  const ANSWERS = ".notice, .answer, .headline, .summary, .verdict, .says";
  let announced = "", timer;

  // The answer of the open page, or what went wrong, once it has changed; a page without one is announced by its question.
  const announce = () => {
    const live = document.getElementById("announcer");
    const said = (selector) => [...document.querySelectorAll(`#tabs :is(${selector})`)].find(shown)?.textContent.trim().replace(/\s+/g, " ");
    const words = said(ANSWERS) || said("h2, h3");
    if (live && words && words !== announced) live.textContent = announced = words;
  };
  // One group for the arrow keys: Gradio gives each radio a name of its own.
  const group = (radio) => { radio.name = radio.closest("fieldset")?.id || radio.name; };
  // A chart is one figure with the name that its block has. (Not an "img": its parts can be focused.)
  const name = (chart) => {
    if (chart.role === "figure") return;
    chart.role = "figure";
    chart.tabIndex = 0;
    chart.ariaKeyShortcuts = "Enter";
    chart.ariaDescription = document.getElementById("chart-data").dataset.how;
    chart.ariaLabel = chart.closest(".block")?.querySelector("[data-testid=block-label]")?.textContent.trim() ?? "";
  };
  // Its numbers, as Plotly has them: a row for each point, or for each line of a map.
  const tabulate = (chart) => {
    const box = document.getElementById("chart-data"), table = document.createElement("table");
    const written = (value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value ?? "");
    const row = (tag, cells) => cells.forEach((cell) => { table.rows[table.rows.length - 1].append(Object.assign(document.createElement(tag), { textContent: written(cell) })); });
    const { xaxis, yaxis } = chart._fullLayout;
    table.createCaption().textContent = chart.ariaLabel;
    table.insertRow();
    row("th", [box.dataset.series, xaxis?.title.text || "x", yaxis?.title.text || "y"]);
    for (const { name, x = [], y = [], z } of chart._fullData)
      [...y].forEach((value, i) => { table.insertRow(); row("td", z ? [name, value, ...z[i]] : [name, x[i] ?? i, value]); });
    box.replaceChildren(table);
    box.showPopover();
    box.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(".js-plotly-plot")) tabulate(event.target);
  });
  const scrolls = (box) => {
    if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
  };
  // A chart drawn while its tab was closed has the width of none: it is drawn again when it is seen.
  const large = () => document.documentElement.classList.contains("projector");
  const fit = (chart) => {
    const inside = chart.parentElement.clientWidth;
    if (!inside || !chart._fullLayout) return;
    const size = (chart.dataset.type ??= chart._fullLayout.font.size) * (large() ? 1.5 : 1);
    if (chart._fullLayout.font.size !== size) window.Plotly.relayout(chart, { "font.size": size });
    if (Math.abs(chart._fullLayout.width - inside) > 1) window.dispatchEvent(new Event("resize"));
  };
  const seen = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    if (target.matches(".scroll")) scrolls(target);
    target.querySelectorAll(".js-plotly-plot").forEach(fit);
  }));

  const tidy = () => {
    document.querySelectorAll("fieldset input[type=radio]").forEach(group);
    document.querySelectorAll(".js-plotly-plot").forEach((chart) => { name(chart); fit(chart); seen.observe(chart.parentElement); });
    document.querySelectorAll(".scroll").forEach((box) => { scrolls(box); seen.observe(box); });
    document.querySelectorAll(".empty[aria-label]:not([role])").forEach((empty) => { empty.role = "img"; }); // a place that waits for its chart
    announce();
  };
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(tidy, 150); }).observe(document, { childList: true, subtree: true, attributeFilter: ["class"] });
  // The code behind a page is asked for when it is first unfolded.
  document.addEventListener("toggle", async ({ target }) => {
    const code = target.open && target.dataset.code;
    if (!code) return;
    delete target.dataset.code; // once, however fast it is folded and unfolded
    const answer = await fetch(`code/${code}.json`).catch(() => ({ ok: false }));
    if (!answer.ok) { target.dataset.code = code; return; }
    const element = (name, ...inner) => { const made = document.createElement(name); made.append(...inner); return made; };
    for (const [path, source] of await answer.json()) {
      const file = element("p", element("code", path)), lines = element("pre", element("code", source));
      file.className = "hint";
      lines.tabIndex = 0;
      target.append(file, lines);
    }
  }, true);

  // The tab that is open stays in sight where the list of tabs scrolls.
  document.addEventListener("click", (event) => {
    const tab = event.target.closest?.("[role=tab]"), list = tab?.closest("[role=tablist]");
    if (list) requestAnimationFrame(() => list.scrollTo({ left: tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2 }));
  });

  // Paper is light, and as wide as it is: charts are scaled to it, since Plotly would redraw them too late.
  let dark = false;
  addEventListener("beforeprint", () => {
    dark = document.body.classList.contains("dark");
    document.body.classList.remove("dark");
    document.querySelectorAll(".js-plotly-plot .main-svg").forEach((svg) => svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`));
    document.querySelectorAll(".js-plotly-plot").forEach((chart) => { chart.style.aspectRatio = `${chart._fullLayout?.width ?? 16} / ${chart._fullLayout?.height ?? 9}`; });
  });
  addEventListener("afterprint", () => {
    document.body.classList.toggle("dark", dark);
    document.querySelectorAll(".js-plotly-plot").forEach((chart) => { chart.style.aspectRatio = ""; });
    document.querySelectorAll(".js-plotly-plot .main-svg").forEach((svg) => svg.removeAttribute("viewBox"));
  });
})();
