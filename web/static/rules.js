// The form of a rule: its coming days are refreshed while typing, and a button of the preview changes what is typed.
// Everything works without it, by whole pages.
"use strict";

(() => {
  const form = document.getElementById("rule-form");
  const preview = document.getElementById("preview");
  if (!form || !preview) return;
  const busy = document.getElementById("preview-busy");

  const say = (words) => {
    const line = document.createElement("p");
    line.className = "note note-warn";
    line.textContent = words;
    preview.replaceChildren(line);
  };

  // -- Parts of the form that depend on what is typed come with the preview. Boxes are put only where they are others.
  const put = () => preview.querySelectorAll("template[data-put]").forEach((part) => {
    const place = document.getElementById(part.dataset.put);
    if (place && (part.dataset.names === undefined || place.dataset.names !== part.dataset.names)) {
      place.replaceChildren(part.content);
      if (part.dataset.names !== undefined) place.dataset.names = part.dataset.names;
    }
    part.remove();
  });

  // -- The last question asked is the one whose answer is shown; one that takes over a second says so.
  let turn = 0;
  const question = async (url, more, take) => {
    turn += 1;
    const mine = turn;
    preview.classList.add("is-old");
    const slow = setTimeout(() => { if (mine === turn) busy.hidden = false; }, 1000);
    const typed = new URLSearchParams(new FormData(form));
    for (const [name, value] of more) typed.append(name, value);
    try {
      const answer = await fetch(url, { method: "POST", body: typed, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
      if (mine !== turn) return;
      if (answer.status === 401) say("Phiên làm việc đã hết hạn. Hãy mở trang đăng nhập ở một thẻ khác rồi quay lại đây; nội dung đang gõ vẫn còn.");
      else if (!answer.ok && answer.status !== 422) say("Chưa xem trước được. Nội dung đang gõ vẫn còn.");
      else {
        const text = await answer.text();
        if (mine === turn) take(text);
      }
    } catch {
      if (mine === turn) say("Mất kết nối với máy chủ nên chưa xem trước được. Nội dung đang gõ vẫn còn.");
    } finally {
      clearTimeout(slow);
      if (mine === turn) { busy.hidden = true; preview.classList.remove("is-old"); }
    }
  };
  const show = (html) => {
    const top = preview.parentElement.scrollTop;
    preview.innerHTML = html;
    put();
    preview.parentElement.scrollTop = top;
  };
  const ask = () => question(preview.dataset.previewUrl, [], show);
  let timer = 0;
  const refresh = () => { clearTimeout(timer); timer = setTimeout(ask, 700); };

  // -- A button of the preview: the answer is the whole page as it would be without scripts; its fields are taken over.
  const takeOver = (html) => {
    const other = new DOMParser().parseFromString(html, "text/html");
    const theirs = other.getElementById("rule-form");
    if (!theirs || !other.getElementById("preview")) { say("Chưa đổi được. Nội dung đang gõ vẫn còn."); return; }
    const first = other.getElementById("first-units");
    document.getElementById("first-units").replaceChildren(...first.cloneNode(true).childNodes);
    for (const field of form.elements) {
      if (!field.name || field.name === "csrf_token" || field.tagName === "BUTTON") continue;
      const same = [...theirs.elements].filter((one) => one.name === field.name);
      if (field.type === "checkbox" || field.type === "radio") field.checked = same.some((one) => one.value === field.value && one.checked);
      else if (same.length) field.value = same[0].value;
    }
    show(other.getElementById("preview").innerHTML);
    form.dataset.dirty = "1";
    form.dispatchEvent(new Event("change", { bubbles: true }));
    preview.setAttribute("tabindex", "-1");
    preview.focus({ preventScroll: true });
  };
  preview.addEventListener("click", (event) => {
    const button = event.target.closest("button[name='de-nghi']");
    if (!button) return;
    event.preventDefault();
    clearTimeout(timer);
    question(preview.dataset.offerUrl, [[button.name, button.value]], takeOver);
  });

  // -- What belongs to a choice that is not made is hidden; typing into the fields of one way chooses it.
  const valueOf = (name) => form.elements[name].value;
  const fit = () => {
    for (const part of document.querySelectorAll("#rule-form [data-when]")) {
      const [name, value] = part.dataset.when.split("=");
      part.hidden = valueOf(name) !== value;
    }
    for (const part of document.querySelectorAll("#rule-form [data-unless]")) {
      const [name, value] = part.dataset.unless.split("=");
      part.hidden = valueOf(name) === value;
    }
  };
  form.addEventListener("input", (event) => {
    if (event.target.dataset.filters) return;
    const part = event.target.closest("[data-kind]");
    if (part) form.querySelector(`[name="time_kind"][value="${part.dataset.kind}"]`).checked = true;
    refresh();
  });
  form.addEventListener("change", fit);
  form.addEventListener("restored", () => { fit(); refresh(); });
  document.querySelector("[data-no-script]").hidden = true;
  fit();
  if (!document.querySelector("[role=alert][data-focus-here]")) refresh();
})();
