// Notices that the server is gone, says so, and opens the page again when another one answers: the address holds the
// place, and the browser's copy the photo.
(() => {
  const EVERY = 5000, TO_READ = 1500; // milliseconds
  const look = async () => {
    const note = document.getElementById("server-note"), config = window.gradio_config;
    if (document.hidden || !note || !config) return;
    try {
      const answer = await fetch(`${config.root.replace(/\/$/, "")}${config.api_prefix}/app_id`, { cache: "no-store" });
      const another = (await answer.json()).app_id !== config.app_id;
      note.hidden = !another;
      if (another) setTimeout(() => location.reload(), TO_READ);
    } catch { note.hidden = false; }
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
})();

// Answers come over a stream, which the server closes once it owes none. A question that the page sends while that news
// is on its way would wait for ever, since nobody listens: then the stream is opened again, unnoticed.
(() => {
  const send = window.fetch.bind(window), owed = new Map(); // events: 1 when sent, -1 when answered before that is known
  const count = (event, change) => {
    const sum = (owed.get(event) ?? 0) + change;
    if (sum) owed.set(event, sum); else owed.delete(event);
  };
  let asking = 0;
  const ask = async (request) => {
    asking += 1;
    try {
      const answer = await send(...request);
      if (answer.ok) count((await answer.clone().json()).event_id, 1);
      return answer;
    } finally { asking -= 1; }
  };
  const messages = async function* (body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader(); // Safari cannot iterate over a stream
    try {
      for (let text = "", part = await reader.read(); !part.done; part = await reader.read()) {
        const whole = (text + part.value).split("\n\n");
        text = whole.pop();
        yield* whole;
      }
    } finally { reader.cancel().catch(() => {}); } // nobody listens any more
  };
  const listen = async (request) => {
    const first = await send(...request), { readable, writable } = new TransformStream();
    if (!first.ok) return first;
    const pass = async (writer) => {
      for (let answer = first; answer; ) {
        const { body } = answer;
        answer = null;
        for await (const message of messages(body)) {
          const { msg, event_id } = JSON.parse(message.slice("data: ".length));
          if (msg === "process_completed") count(event_id, -1);
          if (msg === "close_stream" && (asking || owed.size)) {
            owed.clear(); // the server knows of these, and keeps the next stream open for them
            answer = await send(...request);
          } else await writer.write(new TextEncoder().encode(`${message}\n\n`));
        }
      }
      await writer.close();
    };
    const writer = writable.getWriter();
    pass(writer).catch((error) => writer.abort(error));
    return new Response(readable, { headers: first.headers });
  };
  window.fetch = (...request) => {
    const address = String(request[0].url ?? request[0]);
    if (/\/queue\/join(\?|$)/.test(address)) return ask(request);
    return /\/queue\/data(\?|$)/.test(address) ? listen(request) : send(...request);
  };
})();
