// The editor: what will be said, sentence beside sentence, heard and mended while writing. Without it the page still
// saves, plays each sentence in a tab of its own and reads what is being typed on demand. mending.js comes before it.
"use strict";

(() => {
  const editor = document.getElementById("editor");
  const said = document.getElementById("said");
  if (!editor || !said) return;
  const script = editor.elements.script;
  const status = document.getElementById("said-status");
  const onward = document.getElementById("onward");
  const wide = window.matchMedia("(min-width: 48.01rem)");
  const rows = () => [...said.querySelectorAll(".said-row")];

  const tell = (words, isBad = false) => {
    status.textContent = words;
    status.classList.toggle("is-bad", isBad);
  };

  // -- Reading along. Rows that did not change stay as they are: focus, sound and place are kept.
  const shown = new WeakMap();
  const remember = (part) => part.querySelectorAll(".said-row").forEach((row) => shown.set(row, row.innerHTML));
  remember(said);

  const controlOf = (element) => (element.name === "as_is" ? `input[value="${CSS.escape(element.value)}"]` : element.closest(".said-doubt") ? ".said-doubt a" : `.${element.classList[0]}`);
  const patchRows = (old, fresh) => {
    const [before, after] = [[...old.children], [...fresh.children]];
    const focused = document.activeElement.closest(".said-row") && { at: before.indexOf(document.activeElement.closest(".said-row")), control: controlOf(document.activeElement) };
    after.forEach((row, at) => {
      const there = before[at];
      shown.set(row, row.innerHTML);
      if (!there) old.append(row);
      else if (shown.get(there) !== shown.get(row)) there.replaceWith(row);
      else {
        const marks = ["is-playing", "is-here"].filter((name) => there.classList.contains(name));
        for (const one of row.attributes) there.setAttribute(one.name, one.value);
        there.classList.add(...marks);
      }
    });
    before.slice(after.length).forEach((row) => row.remove());
    if (focused && focused.at >= 0 && !old.contains(document.activeElement)) {
      old.children[Math.min(focused.at, old.children.length - 1)]?.querySelector(focused.control)?.focus({ preventScroll: true });
    }
    markPlaying();
  };
  const patch = (html) => {
    const parts = document.createElement("template");
    parts.innerHTML = html;
    for (const fresh of [...parts.content.children]) {
      const old = document.getElementById(fresh.id);
      if (!old) continue;
      const [list, newList] = [old.querySelector("ol.said"), fresh.querySelector("ol.said")];
      if (list && newList && old.children.length === fresh.children.length) { patchRows(list, newList); continue; }
      if (old.dataset.shown === fresh.innerHTML) continue;
      const focus = old.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...old.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id);
      fresh.dataset.shown = fresh.innerHTML;
      remember(fresh);
      old.replaceWith(fresh);
      for (const id of open) { const one = document.getElementById(id); if (one) one.open = true; }
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    }
  };

  const WHY = {
    401: "Phiên làm việc đã hết hạn. Hãy mở trang đăng nhập ở một thẻ khác rồi quay lại đây; nội dung đang gõ vẫn còn.",
    413: "Nội dung quá dài để đọc thử. Hãy chia thành nhiều bản tin ngắn.",
    429: "Đọc thử quá nhiều lần trong một phút. Nội dung đang gõ vẫn còn; hãy đợi một chút.",
  };
  let turn = 0;
  let unread = "";
  const refresh = async () => {
    turn += 1;
    const mine = turn;
    said.classList.add("is-old");
    let words = "";
    try {
      const answer = await fetch(said.dataset.saidUrl, {
        method: "POST", body: new URLSearchParams(new FormData(editor)), headers: { "X-Fragment": "1" }, credentials: "same-origin",
      });
      if (mine !== turn) return;
      if (answer.ok) patch(await answer.text());
      else words = WHY[answer.status] || "Chưa xem trước được. Nội dung đang gõ vẫn còn.";
    } catch {
      if (mine !== turn) return;
      words = "Mất kết nối với máy chủ nên chưa xem trước được. Nội dung đang gõ vẫn còn.";
    }
    if (words || unread) tell(words, Boolean(words));
    unread = words;
    if (words) return;
    said.classList.remove("is-old");
    follow();
  };
  let waiting = 0;
  const refreshLater = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 600); };
  script.addEventListener("input", refreshLater);
  editor.addEventListener("restored", refreshLater);
  editor.elements.unit?.addEventListener("change", refresh);
  document.getElementById("arrangement")?.addEventListener("input", refreshLater);
  // Who is heard, and whether sound goes on, is nothing that could be lost: it makes nothing unsaved.
  for (const part of [said, onward]) part.addEventListener("input", (event) => { if (event.target.name !== "as_is") event.stopPropagation(); });
  // One form is one question: its tick at the sentence and the one in the list are the same answer.
  editor.addEventListener("change", (event) => {
    if (event.target.name !== "as_is") return;
    for (const one of editor.querySelectorAll('[name="as_is"]')) if (one.value === event.target.value) one.checked = event.target.checked;
    refresh();
  });
  said.addEventListener("change", (event) => { if (event.target.name === "as_is") return; event.stopPropagation(); if (event.target.name === "noi") refresh(); });
  onward.addEventListener("change", (event) => event.stopPropagation());

  // -- Only what was saved and can be heard is handed over; what hinders it stands beside the sound.
  const handOver = document.getElementById("hand-over");
  const sound = document.getElementById("sound");
  const mayHandOver = () => {
    if (!handOver) return;
    const isChanged = !document.getElementById("sound-old").hidden;
    const hindrance = document.getElementById("hindrance");
    if (hindrance) hindrance.hidden = isChanged || !hindrance.textContent.trim();
    handOver.disabled = isChanged || Boolean(hindrance && hindrance.textContent.trim());
    handOver.hidden = isChanged;
    const save = document.getElementById("save");
    save.classList.toggle("btn-primary", isChanged);
    save.classList.toggle("btn-quiet", !isChanged);
  };
  if (handOver) { new MutationObserver(mayHandOver).observe(sound, { childList: true }); mayHandOver(); }

  // -- The sound is that of the saved text; while another is being typed, the player says so.
  const old = document.getElementById("sound-old");
  if (old && old.hidden) {
    const typed = [editor.elements.title, script, ...document.querySelectorAll("#arrangement :is(select, input, textarea)")];
    const saved = (one) => (one.options ? [...one.options].find((option) => option.defaultSelected)?.value ?? one.value : one.defaultValue);
    const compare = () => {
      old.hidden = typed.every((one) => one.value.trim() === saved(one).trim());
      mayHandOver();
    };
    editor.addEventListener("input", compare);
    editor.addEventListener("restored", compare);
  }

  // -- From a sentence to its place in the text, and back. The server counts characters, the browser halves of some.
  const unitsBefore = (text, characters) => {
    let units = 0;
    for (const sign of text) { if (characters <= 0) break; characters -= 1; units += sign.length; }
    return units;
  };
  const charactersBefore = (text, units) => [...text.slice(0, units)].length;
  const heightBefore = (place) => {
    const mirror = document.createElement("div");
    const style = getComputedStyle(script);
    for (const name of ["font", "lineHeight", "letterSpacing", "padding", "border", "boxSizing"]) mirror.style[name] = style[name];
    Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${script.clientWidth}px` });
    mirror.textContent = script.value.slice(0, place) || " ";
    document.body.append(mirror);
    const height = mirror.offsetHeight;
    mirror.remove();
    return height;
  };
  const select = (start, end) => {
    const [from, until] = [unitsBefore(script.value, start), unitsBefore(script.value, end)];
    script.focus({ preventScroll: true });
    script.setSelectionRange(from, until);
    script.scrollTop = Math.max(0, heightBefore(from) - script.clientHeight / 2);
    if (!wide.matches) script.scrollIntoView({ block: "center" });
  };
  const toText = (row) => { select(Number(row.dataset.start), Number(row.dataset.end)); here(row); };
  const here = (row) => rows().forEach((one) => one.classList.toggle("is-here", one === row));
  const show = (row) => {
    if (!wide.matches) { row.scrollIntoView({ block: "center" }); return; }
    const [box, place] = [said.getBoundingClientRect(), row.getBoundingClientRect()];
    if (place.top < box.top + 40 || place.bottom > box.bottom) said.scrollTop += place.top - box.top - box.height / 3;
  };
  // The sentence in which one writes is in sight beside it.
  const follow = () => {
    if (document.activeElement !== script || !wide.matches) return;
    const place = charactersBefore(script.value, script.selectionStart);
    const row = rows().filter((one) => one.dataset.start && Number(one.dataset.start) <= place).pop();
    here(row);
    if (row) show(row);
  };
  for (const name of ["keyup", "click"]) script.addEventListener(name, follow);

  // -- From one open place to the next.
  let jumped = -1;
  const next = () => {
    const open = rows().filter((row) => row.matches(".has-gap, .has-doubt"));
    if (!open.length) return;
    jumped = (jumped + 1) % open.length;
    const row = open[jumped];
    show(row);
    here(row);
    const gap = row.querySelector("mark[data-at]");
    if (gap && wide.matches) fill(gap);
    else row.querySelector(".said-doubt:not(.is-answered) :is(a, input), .said-mend, button")?.focus({ preventScroll: true });
  };
  const fill = (gap) => {
    const start = Number(gap.dataset.at);
    select(start, start + [...gap.textContent].length);
  };

  // -- Hearing a sentence; on and on where that is ticked.
  const listen = document.getElementById("listen");
  const player = new Audio();
  const made = new Map();
  let playing = null;
  const rest = (seconds) => new Promise((done) => { setTimeout(done, 1000 * seconds); });
  const make = async (spoken) => {
    const form = new FormData(listen);
    form.set("spoken", spoken);
    if (editor.elements.unit) form.set("unit", editor.elements.unit.value);
    for (let attempt = 0; ; attempt += 1) {
      const answer = await fetch(listen.action, {
        method: "POST", body: new URLSearchParams(form), headers: { "X-Fragment": "1" }, credentials: "same-origin",
      });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) return told;
      if (answer.status !== 503 || attempt === 9) throw new Error(told.message || LISTEN_WHY[answer.status] || LISTEN_WHY[0]);
      tell(told.message || "Máy chủ đang bận; câu này được dựng ngay khi tới lượt.");
      await rest(Number(answer.headers.get("Retry-After")) || 2);
    }
  };
  const LISTEN_WHY = {
    0: "Chưa nghe thử được. Hãy thử lại sau ít giây.",
    401: WHY[401],
    429: "Nghe thử quá nhiều câu trong một phút. Hãy đợi một chút rồi bấm lại.",
  };
  const soundOf = (spoken) => {
    if (!made.has(spoken)) {
      const coming = make(spoken);
      made.set(spoken, coming);
      coming.catch(() => made.delete(spoken));
    }
    return made.get(spoken);
  };
  const markPlaying = () => {
    const list = rows();
    const now = playing && (list[playing.at]?.dataset.spoken === playing.spoken ? list[playing.at] : list.find((row) => row.dataset.spoken === playing.spoken));
    if (playing && now) playing.at = list.indexOf(now);
    for (const row of list) {
      const button = row.querySelector(".said-play");
      if (!button) continue;
      const isNow = row === now;
      if (isNow === row.classList.contains("is-playing") && button.getAttribute("aria-busy") === String(isNow && !playing.isHeard)) continue;
      row.classList.toggle("is-playing", isNow);
      button.setAttribute("aria-busy", String(isNow && !playing.isHeard));
      button.textContent = isNow ? "■" : "▶";
      button.title = isNow ? "Dừng nghe" : "Nghe câu này";
    }
    return now;
  };
  // What nobody says is passed over.
  const following = (row) => { let after = row.nextElementSibling; while (after && !after.dataset.spoken) after = after.nextElementSibling; return after; };
  const stop = () => { playing = null; player.pause(); markPlaying(); };
  const play = async (row) => {
    const mine = { at: rows().indexOf(row), spoken: row.dataset.spoken, isHeard: false };
    player.pause();
    playing = mine;
    markPlaying();
    tell("Đang dựng câu này…");
    try {
      const heard = await soundOf(mine.spoken);
      if (playing !== mine) return;
      player.src = heard.url;
      await player.play();
      if (playing !== mine) return;
      mine.isHeard = true;
      const sounding = markPlaying();
      tell(heard.is_fallback ? `Giọng đã chọn không đọc được câu này; ${heard.voice} đọc thay.` : `Đang nghe ${heard.voice}.`);
      const after = sounding && following(sounding);
      if (onward.checked && after) soundOf(after.dataset.spoken).catch(() => {});
    } catch (error) {
      if (playing !== mine) return;
      made.delete(mine.spoken);
      stop();
      tell(error instanceof DOMException ? "Trình duyệt không phát được câu này. Hãy bấm nghe lại." : error.name === "Error" ? error.message : LISTEN_WHY[0], true);
    }
  };
  player.addEventListener("ended", () => {
    const row = markPlaying();
    const after = onward.checked && row && following(row);
    stop();
    tell("");
    if (after) { show(after); play(after); }
  });

  // -- Mending how something is read, without leaving the sentence.
  const mend = window.mending({ editor, rows, refresh, tell, why: WHY });
  // A press on the button takes the selection away before the click: it is looked at before.
  let selected = "";
  said.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".said-row");
    const selection = document.getSelection();
    const inRow = row && !selection.isCollapsed && row.querySelector(".said-written").contains(selection.anchorNode);
    selected = inRow ? selection.toString().trim() : "";
  });

  // -- One click, one meaning: a button its own, a marked piece its reading, the rest of the row its place in the text.
  const pressed = (event) => {
    const row = event.target.closest(".said-row");
    if (!row) return;
    if (event.target.closest("label")) return;
    const control = event.target.closest("button, a");
    const mark = event.target.closest("mark");
    if (control) {
      if (!control.matches(".said-play, [data-act]")) return;
      event.preventDefault();
      if (control.matches(".said-play")) { if (row.classList.contains("is-playing")) { stop(); tell(""); } else play(row); }
      else if (control.dataset.act === "mend") mend(row, control, control.dataset.written || selected || row.dataset.suspect || "");
      else toText(row);
    } else if (mark && mark.matches(".mark-gap")) {
      const gap = row.querySelector(`mark[data-at][data-pair="${mark.dataset.pair}"]`);
      if (gap) fill(gap);
    } else if (mark && mark.matches(".mark-doubt, .mark-changed")) {
      mend(row, row.querySelector(".said-mend"), row.querySelector(`.said-written mark[data-pair="${mark.dataset.pair}"]`).textContent);
    } else if (row.dataset.start && wide.matches && document.getSelection().isCollapsed) toText(row);
  };
  said.addEventListener("click", pressed);
  document.addEventListener("click", (event) => {
    if (event.target.closest(".said-next")) { event.preventDefault(); next(); }
  });

  // -- Variables go where the caret is.
  for (const button of editor.querySelectorAll("[data-insert]")) {
    button.addEventListener("click", () => {
      script.focus();
      const [before, after] = [script.value[script.selectionStart - 1], script.value[script.selectionEnd]];
      const word = `${before && !/[\s([“"]/.test(before) ? " " : ""}${button.dataset.insert}${after && /[\p{L}\p{N}]/u.test(after) ? " " : ""}`;
      script.setRangeText(word, script.selectionStart, script.selectionEnd, "end");
      script.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
})();
