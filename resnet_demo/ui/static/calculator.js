(text) => {
  // The text handed over, or the link's full address; the button says for a moment that it was done.
  const link = document.querySelector("#calculator-link a");
  const button = document.querySelector(text === undefined ? "#calculator-copy-link" : "#calculator-copy");
  const copied = text === undefined ? (link ? link.href : "") : text;
  const done = () => {
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1600);
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
