// Small help for writing, listening, deciding and planning. Everything works without it, only less smoothly.
"use strict";

(() => {
  // -- What is said for a piece of writing: both light up.
  const pairs = (mark) => {
    document.querySelectorAll("mark.is-paired").forEach((one) => one.classList.remove("is-paired"));
    const row = mark && mark.closest("li, tr");
    if (row) row.querySelectorAll(`mark[data-pair="${mark.dataset.pair}"]`).forEach((one) => one.classList.add("is-paired"));
  };
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const pointed = event.target.closest("mark[data-pair]");
      const asked = event.target.dataset.written;
      pairs(pointed || (asked && [...event.target.closest("li, tr").querySelectorAll("mark")].find((mark) => mark.textContent === asked)));
    });
  }

  // -- Long lists of boxes can be narrowed.
  const bare = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
  for (const filter of document.querySelectorAll("[data-filters]")) {
    const boxes = [...document.getElementById(filter.dataset.filters).querySelectorAll("label")];
    if (boxes.length < 8) continue;
    filter.hidden = false;
    filter.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = bare(filter.value.trim());
      for (const box of boxes) box.hidden = !bare(box.textContent).includes(wanted) && !box.querySelector("input").checked;
    });
    filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }

  // -- The sound: asked again while it is being made, stopped and ordered again without leaving what is being typed.
  const sound = document.getElementById("sound");
  const showSound = (html) => {
    if (html === sound.dataset.shown || [...sound.querySelectorAll("audio")].some((player) => !player.paused)) return;
    const open = [...sound.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id);
    const focused = sound.contains(document.activeElement) ? document.activeElement.id : "";
    const list = sound.querySelector("ul");
    const top = list ? list.scrollTop : 0;
    sound.innerHTML = html;
    sound.dataset.shown = html;
    for (const one of document.querySelectorAll("[data-unless-failed]")) one.hidden = Boolean(sound.querySelector("[data-failed]"));
    for (const id of open) { const one = document.getElementById(id); if (one) one.open = true; }
    if (sound.querySelector("ul")) sound.querySelector("ul").scrollTop = top;
    if (focused) (document.getElementById(focused) || sound.querySelector("button, audio"))?.focus({ preventScroll: true });
  };
  const look = async () => {
    try {
      const answer = await fetch(sound.dataset.soundUrl, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (answer.ok) showSound(await answer.text());
    } catch { /* the next look may succeed; the page says nothing it does not know */ }
  };
  let following = 0;
  const followAfter = (wait) => { clearTimeout(following); following = setTimeout(follow, wait); };
  const follow = async () => {
    if (!sound || !sound.querySelector("[data-pending]")) return;
    if (!document.hidden) await look();
    followAfter(1500);
  };
  followAfter(1000);
  // A reading that was mended has the sound made anew.
  if (sound) sound.addEventListener("ordered", async () => { await look(); followAfter(1000); });
  const again = document.getElementById("again");
  if (sound && again) {
    again.dataset.stays = "1";
    again.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (button) button.disabled = true;
      try {
        const answer = await fetch(button && button.hasAttribute("formaction") ? button.formAction : again.action, {
          method: "POST", body: new URLSearchParams(new FormData(again)), headers: { "X-Fragment": "1" }, credentials: "same-origin",
        });
        if (answer.ok) {
          showSound(await answer.text());
          // What was told when the page was opened is over: it may say that a sound is being made.
          document.querySelectorAll("main > .note-good[role=status]").forEach((one) => one.remove());
        } else if (button) button.disabled = false;
      } catch { if (button) button.disabled = false; }
      followAfter(1000);
    });
  }

  // -- What is being typed is kept in this tab, for the person who types: a page that was lost offers it again.
  const drafts = Object.keys(sessionStorage).filter((key) => key.startsWith("draft:"));
  const BASE = ["based_on", "version"];
  const NEVER = new Set(["csrf_token", ...BASE, "replace", "act", "code", "noi"]);
  const typedIn = (form) => [...new FormData(form)].filter(([name, value]) => !NEVER.has(name) && typeof value === "string")
    .map(([name, value]) => [name, value.replaceAll("\r\n", "\n").trim()]);
  const put = (form, typed) => {
    for (const field of form.elements) {
      if (!field.name || NEVER.has(field.name) || field.type === "hidden" || field.tagName === "BUTTON") continue;
      const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    // It is still a change of what one had before one's eyes then: what others saved since is told, not undone.
    for (const [name, value] of typed) if (BASE.includes(name) && form.elements[name]) form.elements[name].value = value;
    form.dataset.dirty = "1";
    form.dispatchEvent(new CustomEvent("restored"));
  };
  const form = document.querySelector("form[data-draft]");
  if (form) {
    const key = `draft:${form.dataset.draft}:${location.pathname}`;
    const shown = JSON.stringify(typedIn(form));
    const unsaved = Boolean(form.dataset.dirty);
    // What this page shows as saved is no draft any more, wherever it was typed.
    const words = (text) => JSON.stringify(JSON.parse(text).filter(([name]) => name === "title" || name === "script"));
    for (const one of drafts) if (!unsaved && words(sessionStorage.getItem(one)) === words(shown) && words(shown) !== "[]") sessionStorage.removeItem(one);
    const keep = () => {
      const now = JSON.stringify(typedIn(form));
      try {
        if (now === shown && !unsaved) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, JSON.stringify([...typedIn(form), ...[...new FormData(form)].filter(([name]) => BASE.includes(name))]));
      } catch { /* no room: the warning before leaving still stands */ }
    };
    const kept = sessionStorage.getItem(key);
    if (unsaved) keep();
    else if (kept && JSON.stringify(JSON.parse(kept).filter(([name]) => !BASE.includes(name))) !== shown) {
      const offer = document.createElement("div");
      offer.className = "note note-warn draft-offer";
      offer.setAttribute("role", "status");
      offer.append("Trang này còn nội dung bạn gõ lần trước mà chưa lưu. ");
      for (const [label, act] of [["Khôi phục nội dung chưa lưu", () => { put(form, JSON.parse(kept)); keep(); }], ["Bỏ nội dung ấy", () => sessionStorage.removeItem(key)]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-quiet";
        button.textContent = label;
        button.addEventListener("click", () => { act(); offer.remove(); });
        offer.append(button);
      }
      (form.closest(".rule-columns") || form).before(offer);
    }
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    for (const link of document.querySelectorAll("[data-leave]")) link.addEventListener("click", () => sessionStorage.removeItem(key));
  }

  // -- What was typed is never lost to a button of another form.
  document.addEventListener("submit", (event) => {
    const dirty = document.querySelector("form[data-dirty]");
    const stays = event.target.target === "_blank" || event.target.closest("dialog") || event.target.dataset.stays;
    if (dirty && dirty !== event.target && !stays && !confirm("Nội dung đang gõ chưa được lưu và sẽ mất. Vẫn tiếp tục?")) event.preventDefault();
  }, true);

  // -- Approval: the keyboard opens the question, and no more.
  const approval = document.getElementById("approve");
  if (approval) {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      if (/^(TEXTAREA|INPUT)$/.test(event.target.tagName)) return;
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "ask";
      field.value = "1";
      approval.append(field);
      approval.requestSubmit();
    });
    window.addEventListener("pageshow", () => approval.querySelectorAll('[name="ask"]').forEach((field) => field.remove()));
  }

  // -- A file dropped anywhere on its field.
  for (const zone of document.querySelectorAll("[data-drop]")) {
    const field = document.getElementById(zone.dataset.drop);
    const chosen = document.querySelector(`[data-chosen="${zone.dataset.drop}"]`);
    field.addEventListener("change", () => { if (chosen) chosen.textContent = field.files.length ? field.files[0].name : "chưa chọn tệp nào"; });
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      if (event.dataTransfer.files.length) { field.files = event.dataTransfer.files; field.dispatchEvent(new Event("change", { bubbles: true })); }
    });
  }
})();
