// Notices that the server is gone, says so, and opens the page again when another one answers: the address holds the
// place, and the browser's copy the photo.
(() => {
  const EVERY = 5000; // milliseconds
  const look = async () => {
    const note = document.getElementById("server-note"), config = window.gradio_config;
    if (document.hidden || !note || !config) return;
    try {
      const answer = await fetch(`${config.root.replace(/\/$/, "")}${config.api_prefix}/app_id`, { cache: "no-store" });
      if ((await answer.json()).app_id !== config.app_id) location.reload();
      note.hidden = true;
    } catch { note.hidden = false; }
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
})();
