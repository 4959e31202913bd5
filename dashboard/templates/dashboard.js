// Puts the parts of the run that have changed into the page, without touching what has not: what is open stays open, what has the focus
// keeps it, and what was scrolled stays where it is.
(() => {
  "use strict";

  const state = document.getElementById("state");
  const say = (kind, text) => {
    if (state.textContent !== text) state.textContent = text;
    state.className = kind;
  };

  // By what an element is known again if it has moved among its neighbours.
  const key = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return null;
    if (node.dataset.key) return node.dataset.key;
    if (node.localName === "figure") return node.querySelector("figcaption")?.textContent;
    if (node.localName === "details") return (node.querySelector("summary b") || node.querySelector("summary"))?.textContent;
    return null;
  };
  const alike = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && key(old) === key(fresh);

  const become = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    // Whether something is open is the reader's own business once it is there.
    const theirs = (name) => old.localName === "details" && name === "open";
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !theirs(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !theirs(name)) old.setAttribute(name, value);
    }
    becomeChildren(old, fresh);
  };

  const becomeChildren = (old, fresh) => {
    const known = new Map();
    for (const child of old.children) if (key(child) && !known.has(key(child))) known.set(key(child), child);
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      let found = key(wanted) ? known.get(key(wanted)) : at;
      if (!key(wanted)) while (found && !alike(found, wanted)) found = found.nextSibling;
      if (found && alike(found, wanted)) {
        known.delete(key(wanted));
        if (found === at) at = at.nextSibling;
        else old.insertBefore(found, at);
        become(found, wanted);
      } else {
        old.insertBefore(document.importNode(wanted, true), at);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  };

  const show = (part, html) => {
    const place = document.querySelector(`[data-part="${part}"]`);
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const focused = document.activeElement;
    becomeChildren(place, fresh);
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    if (part === "verdict") document.title = place.querySelector("h1").textContent;
  };

  document.title = document.querySelector("h1").textContent;
  const events = "/events" + location.search;
  const lost = "The connection is lost: this is how it last was";
  // An event source does not tell why it was refused, so it is asked for once more.
  const refusal = async () => {
    const asking = new AbortController();
    try {
      const answer = await fetch(events, { signal: asking.signal });
      return answer.status === 503 ? (await answer.text()).trim() : lost;
    } catch {
      return lost;
    } finally {
      asking.abort();
    }
  };
  const source = new EventSource(events);
  let failures = 0;
  source.onopen = () => {
    failures = 0;
    say("live", "Live");
  };
  source.onerror = () => {
    failures += 1;
    if (source.readyState === EventSource.CLOSED) {
      refusal().then((why) => say("lost", why));
    } else if (failures >= 5) {
      source.close();
      say("lost", lost);
    } else {
      say("lost", "The connection is lost, trying again");
    }
  };
  for (const place of document.querySelectorAll("[data-part]")) {
    const part = place.dataset.part;
    source.addEventListener(part, (event) => show(part, event.data));
  }
  source.addEventListener("note", (event) => {
    document.getElementById("note").textContent = event.data;
  });
  source.addEventListener("over", () => {
    source.close();
    say("over", "The run is over");
  });
})();
