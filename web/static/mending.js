// The dialog of the editor in which a reading is mended: the words of the sentence to tap, the form, what it did.
"use strict";

// `mending(...)` gives the function that opens it for a row of the editor, its link and the written form.
window.mending = ({ editor, rows, refresh, tell, why }) => {
  const dialog = document.getElementById("mend");
  const part = document.getElementById("mend-part");
  let mended = null;

  // Its words are there to tap: one, or several that stand beside each other with no mark between.
  const words = Object.assign(document.createElement("div"), { className: "mend-words" });
  words.setAttribute("role", "group");
  words.setAttribute("aria-label", "Chạm vào chữ đọc sai; chạm tiếp chữ bên cạnh để lấy cả cụm");
  const wordsOf = (row) => {
    const found = [];
    let joins = false;
    const add = (text, spoken) => {
      const [, before, written, after] = /^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(text);
      if (written) found.push({ written, spoken: spoken || written.toLowerCase(), joins: joins && !before });
      joins = written ? !after : joins && !text.trim();
    };
    for (const node of row.querySelector(".said-written").childNodes) {
      const mark = node.nodeType === Node.ELEMENT_NODE;
      if (mark && node.matches(".mark-gap")) { joins = false; continue; }
      const said = mark && row.querySelector(`.said-spoken mark[data-pair="${node.dataset.pair}"]`);
      if (said) add(node.textContent, said.textContent.toLowerCase());
      else for (const piece of node.textContent.match(/\S+|\s+/g) || []) add(piece);
    }
    return found;
  };
  const showChosen = () => {
    [...words.children].forEach((one, at) => one.setAttribute("aria-pressed", String(Boolean(mended.chosen) && at >= mended.chosen[0] && at <= mended.chosen[1])));
  };
  const choose = (at) => {
    const [first, last] = mended.chosen || [at, at];
    if (mended.chosen && at === last + 1 && mended.words[at].joins) mended.chosen = [first, at];
    else if (mended.chosen && at === first - 1 && mended.words[first].joins) mended.chosen = [at, last];
    else mended.chosen = [at, at];
    const taken = mended.words.slice(mended.chosen[0], mended.chosen[1] + 1);
    const { viet, doc, loai } = part.querySelector("form").elements;
    viet.value = taken.map((one) => one.written).join(" ");
    // What somebody typed as the reading stays.
    if (!doc.value.trim() || doc.value === mended.given) mended.given = doc.value = taken.map((one) => one.spoken).join(" ");
    if (loai?.dataset.chosen === "given") delete loai.dataset.chosen;
    viet.dispatchEvent(new Event("input", { bubbles: true }));
    showChosen();
  };
  words.addEventListener("click", (event) => { const at = [...words.children].indexOf(event.target); if (at >= 0) choose(at); });
  const showWords = () => {
    const viet = part.querySelector('[name="viet"]:not([type="hidden"])');
    if (!viet) return;
    viet.closest(".field").before(words);
    mended.given ??= part.querySelector('[name="doc"]').value;
    const at = mended.words.findIndex((one) => one.written === viet.value);
    if (!mended.chosen && at >= 0) mended.chosen = [at, at];
    words.replaceChildren(...mended.words.map((one) => Object.assign(document.createElement("button"), { type: "button", textContent: one.written })));
    showChosen();
  };
  const load = async (answer) => {
    if (!answer.ok && answer.status !== 422) throw new Error(why[answer.status] || "");
    part.innerHTML = await answer.text();
    // The reading is tried out in the sentence from which one came.
    const sentence = Object.assign(document.createElement("input"), { type: "hidden", name: "cau", value: mended.sentence });
    part.querySelector("form")?.append(sentence);
    showWords();
    part.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
    (part.querySelector("[aria-invalid]") || (part.querySelector('[name="viet"]')?.value ? null : words.firstElementChild) || part.querySelector('[name="doc"]:not([type="hidden"])') || part.querySelector("button"))?.focus();
  };
  const failed = (error) => {
    const line = document.createElement("p");
    line.className = "note note-bad";
    line.setAttribute("role", "alert");
    line.textContent = error.message && error.name === "Error" ? error.message : "Chưa mở được phần sửa cách đọc. Hãy thử lại sau ít giây.";
    part.querySelector(".note-bad")?.remove();
    part.prepend(line);
  };
  const mend = async (row, link, written) => {
    mended = { at: rows().indexOf(row), sentence: row.querySelector(".said-written").textContent.trim(), words: wordsOf(row) };
    const address = new URL(link.href);
    address.searchParams.set("viet", written);
    if (editor.elements.unit) address.searchParams.set("don_vi", editor.elements.unit.value);
    part.replaceChildren();
    dialog.showModal();
    try {
      await load(await fetch(address, { headers: { "X-Fragment": "1" }, credentials: "same-origin" }));
    } catch (error) { failed(error); }
  };
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(event.target, event.submitter));
    const button = event.submitter;
    if (button) button.disabled = true;
    try {
      const answer = await fetch(event.target.action, { method: "POST", body, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (answer.status !== 201) { await load(answer); return; }
      const told = await answer.json();
      dialog.close();
      document.getElementById("sound")?.dispatchEvent(new CustomEvent("ordered"));
      await refresh();
      tell(`Đã lưu cách đọc. ${told.message || ""} Bấm ▶ để nghe lại câu.`);
      rows()[mended.at]?.querySelector(".said-play")?.focus({ preventScroll: true });
    } catch (error) {
      failed(error);
    } finally {
      if (button) button.disabled = false;
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) { event.preventDefault(); dialog.close(); }
  });
  return mend;
};
