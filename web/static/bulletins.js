// Small help for writing, listening, deciding and planning. Everything works without it, only less smoothly.
"use strict";

(() => {
  // A part of a page from the server, by POST of a form. The last question asked is the one whose answer is shown.
  const asking = new Map();
  const ask = async (part, url, form) => {
    const turn = (asking.get(part) || 0) + 1;
    asking.set(part, turn);
    part.classList.add("is-old");
    try {
      const answer = await fetch(url, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Fragment": "1" }, credentials: "same-origin",
      });
      if (asking.get(part) !== turn) return;
      if (answer.status === 401) { say(part, "Phiên làm việc đã hết hạn. Hãy mở trang đăng nhập ở một thẻ khác rồi quay lại đây; nội dung đang gõ vẫn còn."); return; }
      if (answer.status === 413) { say(part, "Nội dung quá dài để đọc thử. Hãy chia thành nhiều bản tin ngắn."); return; }
      if (!answer.ok) { say(part, "Chưa xem trước được. Nội dung đang gõ vẫn còn."); return; }
      const top = part.scrollTop;
      part.innerHTML = await answer.text();
      part.scrollTop = top;
      part.classList.remove("is-old");
    } catch {
      if (asking.get(part) === turn) say(part, "Mất kết nối với máy chủ nên chưa xem trước được. Nội dung đang gõ vẫn còn.");
    }
  };
  const say = (part, words) => {
    part.classList.remove("is-old");
    const line = document.createElement("p");
    line.className = "note note-warn";
    line.textContent = words;
    part.replaceChildren(line);
  };
  const later = (wait, act) => {
    let timer = 0;
    return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
  };

  // -- The editor: what will be said, refreshed while typing.
  const editor = document.getElementById("editor");
  const said = document.getElementById("said");
  if (editor && said) {
    const refresh = later(600, () => ask(said, said.dataset.saidUrl, editor));
    editor.elements.script.addEventListener("input", refresh);
  }

  // -- The rule: its week, refreshed while typing.
  const ruleForm = document.getElementById("rule-form");
  const preview = document.getElementById("preview");
  if (ruleForm && preview) {
    const refresh = later(700, () => ask(preview, preview.dataset.previewUrl, ruleForm));
    ruleForm.addEventListener("input", (event) => { if (!event.target.dataset.filters) refresh(); });
    document.querySelector("[data-no-script]").hidden = true;
    refresh();
    const parts = ruleForm.querySelectorAll("[data-when]");
    const show = () => parts.forEach((part) => {
      const [name, value] = part.dataset.when.split("=");
      part.hidden = ruleForm.elements[name].value !== value;
    });
    ruleForm.addEventListener("change", show);
    show();
    // Typing into the fields of one way chooses it.
    for (const [kind, names] of [["times", ["times"]], ["every", ["every_minutes", "between_from", "between_until"]]]) {
      for (const name of names) ruleForm.elements[name].addEventListener("input", () => { ruleForm.elements.time_kind.value = kind; });
    }
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

  // -- The sound: asked again while it is being made.
  const sound = document.getElementById("sound");
  const follow = async () => {
    if (!sound || !sound.querySelector("[data-pending]")) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(sound.dataset.soundUrl, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
        if (answer.ok) {
          const html = await answer.text();
          if (html !== sound.dataset.shown) { sound.innerHTML = html; sound.dataset.shown = html; }
        }
      } catch { /* the next look may succeed; the page says nothing it does not know */ }
    }
    setTimeout(follow, 1500);
  };
  setTimeout(follow, 1000);

  // -- What was typed is never lost to a button of another form.
  document.addEventListener("submit", (event) => {
    const dirty = document.querySelector("form[data-dirty]");
    if (dirty && dirty !== event.target && !confirm("Nội dung đang gõ chưa được lưu và sẽ mất. Vẫn tiếp tục?")) event.preventDefault();
  }, true);

  // -- Approval: how much was heard, from the ranges that were really played.
  const player = document.getElementById("heard-player");
  const heard = document.getElementById("heard_ms");
  if (player && heard) {
    const words = document.getElementById("heard-words");
    const note = () => {
      let seconds = 0;
      for (let i = 0; i < player.played.length; i += 1) seconds += player.played.end(i) - player.played.start(i);
      heard.value = String(Math.round(seconds * 1000));
      const share = player.duration ? Math.min(100, Math.round((100 * seconds) / player.duration)) : 0;
      words.textContent = share ? `Đã nghe ${share}%.` : "";
    };
    for (const name of ["timeupdate", "pause", "ended", "seeked"]) player.addEventListener(name, note);
  }
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
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      if (event.dataTransfer.files.length) { field.files = event.dataTransfer.files; field.dispatchEvent(new Event("change", { bubbles: true })); }
    });
  }
})();
