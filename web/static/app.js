// Small help for the pages: everything works without it, only less smoothly.
"use strict";

(() => {
  const busy = new WeakSet();
  const connection = () => document.getElementById("connection");

  // -- Parts that refresh themselves: <div id=… data-refresh-url=… data-refresh-seconds="20">
  const keyOf = (element, root) => {
    if (!element || element === root || !root.contains(element)) return null;
    if (element.id) return `#${CSS.escape(element.id)}`;
    const key = element.dataset.key;
    if (key) return `[data-key="${CSS.escape(key)}"]`;
    const href = element.getAttribute("href");
    return href ? `[href="${CSS.escape(href)}"]` : null;
  };

  const inUse = (part) => {
    if (document.hidden || busy.has(part)) return true;
    if ([...part.querySelectorAll("audio, video")].some((media) => !media.paused)) return true;
    if (part.querySelector("form[data-dirty]")) return true;
    const active = document.activeElement;
    if (active && part.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName)) return true;
    const selection = document.getSelection();
    return Boolean(selection && !selection.isCollapsed && part.contains(selection.anchorNode));
  };

  const replaceContent = (part, html) => {
    if (part.dataset.shown === html) return;
    const focused = keyOf(document.activeElement, part);
    const scrolled = [...part.querySelectorAll("[id]")].filter((one) => one.scrollLeft || one.scrollTop)
      .map((one) => [one.id, one.scrollLeft, one.scrollTop]);
    const open = [...part.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id);
    const [left, top] = [window.scrollX, window.scrollY];
    part.innerHTML = html;
    part.dataset.shown = html;
    for (const id of open) { const one = document.getElementById(id); if (one) one.open = true; }
    for (const [id, x, y] of scrolled) {
      const one = document.getElementById(id);
      if (one) { one.scrollLeft = x; one.scrollTop = y; }
    }
    if (focused) part.querySelector(focused)?.focus({ preventScroll: true });
    window.scrollTo(left, top);
    part.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
  };

  const refresh = async (part) => {
    if (inUse(part)) return;
    busy.add(part);
    try {
      const answer = await fetch(part.dataset.refreshUrl, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (answer.status === 401) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      busy.delete(part);
      if (!inUse(part)) replaceContent(part, html);
      const line = connection();
      if (line) line.hidden = true;
    } catch {
      const line = connection();
      if (line) line.hidden = false;
    } finally {
      busy.delete(part);
    }
  };

  const parts = () => document.querySelectorAll("[data-refresh-url]");
  const watch = (part) => setInterval(() => refresh(part), 1000 * Number(part.dataset.refreshSeconds || 20));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) parts().forEach(refresh); });

  // -- Forms: a warning before leaving what was not saved, and one click is one act.
  let leaving = false;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-warn-unsaved]");
    if (form) form.dataset.dirty = "1";
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    leaving = true;
    if (event.target.method === "post") event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
  // A link that says that it discards what was typed asks no second time.
  document.addEventListener("click", (event) => { if (event.target.closest("[data-leave]")) leaving = true; });
  // Whoever goes leaves nothing typed behind in this tab.
  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action).pathname !== "/dang-xuat") return;
    for (const key of Object.keys(sessionStorage)) if (/^(draft|heard):/.test(key)) sessionStorage.removeItem(key);
  });
  // The answer to a form that was not taken is no page one can come back to: going back asks for the form anew.
  const isAnswer = document.querySelector("main form[data-dirty], main [role=alert][data-focus-here]");
  if (isAnswer) {
    const from = document.referrer && new URL(document.referrer).origin === location.origin ? document.referrer : location.href;
    history.replaceState(history.state, "", from);
  }
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && document.querySelector("form[data-dirty]")) event.preventDefault();
  });

  // -- Menus close when one looks elsewhere.
  const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) { closeMenus(null); menu.querySelector("summary").focus(); }
  });

  // -- Copying a command.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.querySelector(button.dataset.copy).textContent.trim();
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Đã chép";
    } catch {
      getSelection().selectAllChildren(document.querySelector(button.dataset.copy));
      button.textContent = "Hãy bấm Ctrl+C";
    }
    setTimeout(() => { button.textContent = words; }, 2500);
  });

  // -- The clock in the header goes by the server's time, not by that of the office machine.
  const startClock = () => {
    const clock = document.querySelector("[data-clock]");
    if (!clock) return;
    const shift = Number(clock.dataset.clock) - Date.now();
    const format = new Intl.DateTimeFormat("vi", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone });
    const time = clock.querySelector("[data-clock-time]");
    setInterval(() => { time.textContent = format.format(new Date(Date.now() + shift)); }, 5000);
  };

  // -- A day that is wider than the screen opens where it is now.
  const showNow = () => document.querySelectorAll("[data-show-at]").forEach((box) => {
    const wide = box.scrollWidth - box.clientWidth;
    if (wide > 0) box.scrollLeft = (Number(box.dataset.showAt) / 100) * box.scrollWidth - box.clientWidth / 2;
  });

  document.addEventListener("DOMContentLoaded", () => {
    startClock();
    showNow();
    document.querySelector("[data-focus-here]")?.focus();
    parts().forEach((part) => { part.dataset.shown = part.innerHTML; watch(part); });
  });
})();
