(button, link, text) => {
  // The full address of the link, or else the text; the button says for a moment that it was done.
  const pressed = document.querySelector(button);
  const copied = link ? document.querySelector(link)?.href ?? "" : text;
  const done = () => {
    pressed.classList.add("copied");
    setTimeout(() => pressed.classList.remove("copied"), 1600);
  };
  if (navigator.clipboard) return navigator.clipboard.writeText(copied).then(done);
  // A page that is served by plain http from another machine has no clipboard of its own.
  const box = document.createElement("textarea");
  box.value = copied;
  document.body.append(box);
  box.select();
  if (document.execCommand("copy")) done();
  box.remove();
}
