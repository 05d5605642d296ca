// The lexicon: a reading is heard before it is kept, and a sentence shows what it does. Without it the forms still work.
// Everything hangs on the document, since the form may arrive later in a dialog of the editor.
"use strict";

(() => {
  const forms = (root) => root.querySelectorAll("form[data-lexicon]");
  const shown = (form) => form.querySelector("[data-example]");

  // -- Only what belongs to the chosen place is asked.
  const place = (form) => {
    const chosen = form.elements["pham-vi"]?.value;
    for (const part of form.querySelectorAll("[data-place]")) part.hidden = part.dataset.place !== chosen;
  };

  // -- What is mostly capitals is a short form, until somebody says otherwise.
  const guess = (form) => {
    const kind = form.elements.loai;
    if (!kind || kind.dataset.chosen || !form.elements.viet) return;
    const letters = form.elements.viet.value.match(/\p{L}/gu) || [];
    const capitals = letters.filter((one) => one !== one.toLowerCase());
    if (letters.length > 1 && capitals.length * 2 > letters.length) kind.value = "term";
    else if (kind.value === "term") kind.value = "word";
  };

  // -- The sentence, a moment after the last key.
  const timers = new WeakMap();
  const turns = new WeakMap();
  const tryOut = async (form) => {
    const box = shown(form);
    if (!box) return;
    const turn = (turns.get(form) || 0) + 1;
    turns.set(form, turn);
    box.classList.add("is-old");
    try {
      const answer = await fetch(form.dataset.lexicon, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Fragment": "1" }, credentials: "same-origin",
      });
      if (turns.get(form) !== turn) return;
      if (answer.ok) { box.innerHTML = await answer.text(); box.classList.remove("is-old"); ready(form); }
    } catch { /* what was shown stays, paler: it is not of what is being typed */ }
  };
  const later = (form) => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => tryOut(form), 500));
  };

  // -- Hearing it.
  const WHY = { 401: "Phiên làm việc đã hết hạn. Hãy đăng nhập lại ở một thẻ khác.", 429: "Nghe thử quá nhiều lần. Hãy đợi một phút." };
  const tell = (button, words) => {
    button.parentElement.parentElement.querySelector(".listen-trouble")?.remove();
    if (!words) return;
    const line = document.createElement("p");
    line.className = "field-error listen-trouble";
    line.setAttribute("role", "alert");
    line.textContent = words;
    button.parentElement.after(line);
  };
  let player = null;
  const listen = async (button) => {
    const form = button.closest("form");
    const spoken = button.dataset.listen === "said" ? form.querySelector("[data-said]").textContent : form.elements.doc.value;
    tell(button, "");
    if (!spoken.trim()) { form.elements.doc.focus(); return; }
    player?.pause();
    button.disabled = true;
    try {
      const body = new URLSearchParams({ spoken, csrf_token: form.elements.csrf_token.value });
      const answer = await fetch("/nghe-thu", { method: "POST", body, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      if (!answer.ok) { tell(button, told.message || WHY[answer.status] || "Chưa nghe thử được. Hãy thử lại sau ít giây."); return; }
      player = new Audio(told.url);
      await player.play();
    } catch {
      tell(button, "Chưa nghe thử được. Hãy kiểm tra kết nối rồi thử lại.");
    } finally {
      button.disabled = false;
    }
  };

  const ready = (root) => root.querySelectorAll("[data-listen]").forEach((button) => { button.hidden = false; });
  const begin = (root) => {
    ready(root);
    for (const form of forms(root)) {
      place(form);
      // What came filled in has its kind already.
      if (form.elements.viet.value && form.elements.loai) form.elements.loai.dataset.chosen = "given";
    }
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-lexicon]");
    if (!form) return;
    if (event.target.name === "loai") event.target.dataset.chosen = "1";
    if (event.target.name === "viet") guess(form);
    place(form);
    later(form);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-listen]");
    if (button) listen(button);
  });
  document.addEventListener("refreshed", (event) => begin(event.target));
  begin(document);
})();
