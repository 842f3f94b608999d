(button, link, text) => {
  // The full address of the link, or else the text; the button says for a moment whether it was copied.
  const pressed = document.querySelector(button);
  const copied = link ? document.querySelector(link)?.href : text;
  if (!copied) return; // nothing is there to be copied, and the page says why
  const say = (mark) => {
    pressed.classList.add(mark);
    setTimeout(() => pressed.classList.remove(mark), 1600);
  };
  // A page that is served by plain http from another machine has no clipboard of its own, and a browser may refuse it.
  const selected = () => {
    const box = document.createElement("textarea");
    box.value = copied;
    document.body.append(box);
    box.select();
    say(document.execCommand("copy") ? "copied" : "refused");
    box.remove();
  };
  if (!navigator.clipboard) return selected();
  return navigator.clipboard.writeText(copied).then(() => say("copied"), selected);
}
