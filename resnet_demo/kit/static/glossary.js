// Marks each term of the glossary where it first stands on a page; a click on it opens its explanation.
if (!window.resnetTerms) {
  const PLACES = ".intro p, .told p, .summary, p.hint, .said p, .findings li";
  const KEPT = "button, a, svg, code, .maths, .formula, .term";
  const language = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");
  const pattern = ({ words }, spoken) => new RegExp(spoken === "en" ? `\\b(?:${words.en})\\b` : words.zh, spoken === "en" ? "i" : "");
  const note = Object.assign(document.createElement("div"), { id: "term-note", popover: "auto" });

  // The innermost page that an element stands on.
  const page = (element) => element.closest("[role=tabpanel]") ?? document.body;
  const wrap = (text, term, found) => {
    const word = text.splitText(found.index);
    word.splitText(found[0].length);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "term", textContent: found[0] });
    button.dataset.term = term.key;
    button.setAttribute("aria-haspopup", "dialog");
    word.replaceWith(button);
  };
  const mark = (element, spoken) => {
    const there = page(element);
    for (const term of window.resnetGlossary) {
      if (there.querySelector(`.term[data-term="${term.key}"]`)) continue;
      const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest(KEPT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
      for (let text = walk.nextNode(); text; text = walk.nextNode()) {
        const found = pattern(term, spoken).exec(text.data);
        if (found) { wrap(text, term, found); break; }
      }
    }
  };
  const look = () => {
    const spoken = language();
    document.querySelectorAll(PLACES).forEach((element) => { if (element.offsetParent) mark(element, spoken); });
  };
  let waiting = null;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(look, 300); };

  document.addEventListener("click", ({ target }) => {
    const word = target.closest?.(".term");
    if (!word) return;
    const term = window.resnetGlossary.find(({ key }) => key === word.dataset.term);
    const spoken = language(), other = spoken === "en" ? "zh" : "en";
    const line = (tag, words, lang) => Object.assign(document.createElement(tag), { textContent: words, lang });
    note.replaceChildren(line("b", term.name[spoken], spoken), line("p", term.text[spoken], spoken), line("b", term.name[other], other), line("p", term.text[other], other));
    note.showPopover();
    const at = word.getBoundingClientRect();
    note.style.left = `${Math.max(8, Math.min(at.left, innerWidth - note.offsetWidth - 8))}px`;
    note.style.top = `${at.bottom + note.offsetHeight + 8 > innerHeight ? Math.max(8, at.top - note.offsetHeight - 6) : at.bottom + 6}px`;
  });
  window.resnetTerms = true;
  const start = () => {
    document.body.append(note);
    new MutationObserver(soon).observe(document.body, { childList: true, subtree: true, characterData: true });
    document.addEventListener("resnet-opened", soon);
    document.addEventListener("click", soon); // it may have shown what was there, but hidden
    soon();
  };
  if (document.body) start(); else addEventListener("DOMContentLoaded", start);
}
