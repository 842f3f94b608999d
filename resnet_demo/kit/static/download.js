// Saves what the server wrote: a file's name, its kind and its text.
watch("value", () => {
  const { file, type, text } = props.value ?? {};
  if (!file) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
