// The lesson: guesses are kept in this browser; a guess uncovers the picture; the bar leads from step to step.
window.lesson = (() => {
  const KEY = "resnet-lesson";
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { /* nothing was kept */ }
  const write = () => { try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* only the memory is lost */ } };

  // Shows on the sheet what was guessed in each step.
  const fill = (element) => element.querySelectorAll("[data-sheet]").forEach((step) => step.querySelectorAll("[data-option]").forEach((option) => {
    option.querySelector("i").textContent = kept[step.dataset.sheet] === option.dataset.option ? "☒" : "☐";
  }));
  // Prints the sheet alone: it carries its style and its pictures.
  const print = (sheet) => {
    const frame = Object.assign(document.createElement("iframe"), { className: "printed-sheet" });
    frame.srcdoc = `<!doctype html><title>${document.title}</title>${sheet.outerHTML}`;
    frame.onload = () => { frame.contentWindow.print(); setTimeout(() => frame.remove(), 1000); };
    document.body.append(frame);
  };
  // Judges an answer to a question of the self-check, and explains it.
  const judge = (choice) => {
    const question = choice.closest(".self-check");
    question.querySelectorAll("[data-choice]").forEach((one) => one.setAttribute("aria-pressed", String(one === choice)));
    question.classList.toggle("is-right", choice.dataset.choice === "right");
    question.querySelector(".because").hidden = false;
  };

  // Shows the guess of a step, and whether the numbers on the page agree with it.
  const mark = (element) => {
    fill(element);
    const step = element.querySelector(".step");
    if (!step) return;
    const guess = kept[step.dataset.step];
    step.classList.toggle("revealed", Boolean(guess));
    step.classList.toggle("is-right", guess === step.dataset.right);
    step.querySelectorAll("[data-guess]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.guess === guess)));
  };

  const links = () => [...document.querySelectorAll(".lesson-steps a[data-step]")];
  const progress = () => links().forEach((link) => {
    const done = Boolean(kept[link.dataset.step]);
    link.classList.toggle("done", done);
    link.querySelector(".n").textContent = done ? "✓" : link.querySelector(".n").dataset.n;
  });

  // Marks the open page in the list, and names its neighbours in the bar; after the last step comes the first extra.
  const opened = (name) => {
    const all = links(), at = all.findIndex((link) => link.dataset.step === name);
    const turns = [...all, document.querySelector(".lesson-steps a[data-extra]")];
    document.querySelectorAll(".lesson-steps a").forEach((link) => {
      if (link.dataset.go === `lesson/${name}`) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current");
    });
    document.querySelectorAll(".lesson-bar [data-turn]").forEach((turn) => {
      const there = at < 0 ? null : turns[at + Number(turn.dataset.turn)];
      turn.hidden = !there;
      if (!there) return;
      turn.dataset.go = there.dataset.go;
      turn.href = there.getAttribute("href");
      turn.querySelector("span").textContent = (there.querySelector(".name") ?? there).textContent;
    });
    const bar = document.querySelector(".lesson-bar");
    bar.querySelector(".place").textContent = all[at]?.dataset.place ?? "";
    bar.querySelector("progress").value = at + 1;
    bar.querySelector("progress").hidden = at < 0;
    all[at]?.scrollIntoView({ block: "nearest", inline: "center" });
  };

  document.addEventListener("resnet-opened", ({ detail: { tab, show } }) => { if (tab === "lesson" && show) opened(show); });

  return {
    // Once a step is laid out: `watch` tells when its numbers have come.
    mount(element, watch) {
      element.addEventListener("click", ({ target }) => {
        if (target.closest(".print-sheet")) return print(element.querySelector(".lesson-sheet"));
        if (target.closest("[data-choice]")) return judge(target.closest("[data-choice]"));
        const button = target.closest("[data-guess]");
        if (!button) return;
        kept[button.closest(".step").dataset.step] = button.dataset.guess;
        write();
        progress();
        document.dispatchEvent(new Event("lesson-guessed"));
      });
      document.addEventListener("lesson-guessed", () => mark(element));
      watch("value", () => requestAnimationFrame(() => mark(element)));
      mark(element);
    },
    // Once the list of steps is laid out.
    start(element) {
      element.querySelector(".restart").addEventListener("click", () => {
        kept = {};
        write();
        progress();
        document.dispatchEvent(new Event("lesson-guessed"));
        window.resnet.go("lesson", links()[0].dataset.step);
      });
      progress();
      const selected = document.querySelector("#lesson-pages > .tab-wrapper [role=tab][aria-selected=true]");
      opened(selected?.id.replace(/^lesson-page-|-button$/g, "") ?? links()[0].dataset.step);
    },
  };
})();
