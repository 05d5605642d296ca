// How a bulletin is arranged: the chosen chime to hear, and the same words in several profiles side by side.
"use strict";

(() => {
  // -- The chime that is chosen; looked up anew each time, since an answer may have replaced the form
  const follow = (player) => {
    const choice = document.getElementById(player.dataset.chimeOf);
    player.pause();
    player.hidden = choice.value === "none";
    if (!player.hidden) player.src = player.dataset.chimeUrl + encodeURIComponent(choice.value);
  };
  const playersOf = (choice) => [...document.querySelectorAll("[data-chime-of]")].filter((player) => player.dataset.chimeOf === choice.id);
  document.addEventListener("change", (event) => playersOf(event.target).forEach(follow));
  document.addEventListener("restored", () => document.querySelectorAll("[data-chime-of]").forEach(follow), true);

  // -- Profiles side by side: every one plays, one is heard, so that changing over loses no syllable.
  const LONGEST = 330; // letters: about fifteen seconds of reading
  const MOST = 6;

  const firstWords = (box) => {
    const rows = box.dataset.sentences ? JSON.parse(box.dataset.sentences) : [...document.querySelectorAll("#said [data-spoken]")].map((row) => row.dataset.spoken);
    const first = [];
    let letters = 0;
    for (const spoken of rows) {
      if (first.length && (letters + spoken.length > LONGEST || first.length === MOST)) break;
      first.push(spoken);
      letters += spoken.length;
    }
    return first;
  };

  const start = (box) => {
    const [words, bar, stop] = [box.querySelector("[data-side-words]"), box.querySelector("progress"), box.querySelector("[data-side-stop]")];
    const sides = [...box.querySelectorAll("[data-side]")];
    const tracks = new Map();
    let said = "";
    let heard = null;

    const say = (text) => { words.textContent = text; };
    const load = async (profile, spoken) => {
      const form = new FormData();
      form.set("csrf_token", box.dataset.token);
      form.set("profile", profile);
      if (box.dataset.code) form.set("code", box.dataset.code);
      for (const one of spoken) form.append("spoken", one);
      for (let tries = 0; ; tries += 1) {
        const answer = await fetch(box.dataset.url, { method: "POST", body: form, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
        if (answer.status === 503 && tries < 8) { await new Promise((again) => { setTimeout(again, 2000); }); continue; }
        if (answer.status === 401) throw new Error("Phiên làm việc đã hết hạn. Hãy đăng nhập lại.");
        const told = await answer.json();
        if (!answer.ok) throw new Error(told.message);
        const track = new Audio(told.url);
        await new Promise((ready, failed) => {
          track.addEventListener("canplaythrough", ready, { once: true });
          track.addEventListener("error", () => failed(new Error("Không tải được âm thanh.")), { once: true });
          track.load();
        });
        return track;
      }
    };

    const silence = () => {
      for (const track of tracks.values()) track.pause();
      sides.forEach((side) => side.setAttribute("aria-pressed", "false"));
      heard = null;
      stop.hidden = bar.hidden = true;
    };
    const forget = () => { silence(); tracks.clear(); };

    const hear = async (side) => {
      const [profile, spoken] = [side.dataset.side, firstWords(box)];
      if (!spoken.length) { say("Chưa có lời để nghe."); return; }
      if (spoken.join("\n") !== said) { forget(); said = spoken.join("\n"); }
      if (!tracks.has(profile)) {
        say("Đang dựng đoạn nghe thử…");
        sides.forEach((one) => { one.disabled = true; });
        try {
          const track = await load(profile, spoken);
          track.addEventListener("timeupdate", () => { if (heard === profile && track.duration) bar.value = (100 * track.currentTime) / track.duration; });
          track.addEventListener("ended", () => { if (heard === profile) { silence(); say("Hết đoạn. Bấm một kiểu để nghe lại từ đầu."); tracks.forEach((one) => { one.currentTime = 0; }); } });
          tracks.set(profile, track);
        } catch (error) {
          say(error.message || "Mất kết nối với máy chủ.");
          return;
        } finally {
          sides.forEach((one) => { one.disabled = false; });
        }
      }
      const [next, now] = [tracks.get(profile), heard && tracks.get(heard)];
      const at = now ? now.currentTime : 0;
      if (Math.abs(next.currentTime - at) > 0.03) next.currentTime = at;
      next.muted = false;
      heard = profile;
      await next.play();
      for (const [name, track] of tracks) if (name !== profile) track.muted = true;
      sides.forEach((one) => one.setAttribute("aria-pressed", String(one === side)));
      stop.hidden = bar.hidden = false;
      say(`Đang nghe: ${side.textContent.trim()}. Bấm kiểu khác để đổi ngay tại chỗ đang nghe.`);
    };

    sides.forEach((side) => side.addEventListener("click", () => hear(side)));
    stop.addEventListener("click", () => { silence(); say(""); });
  };

  document.querySelectorAll("[data-sides]").forEach((box) => { box.hidden = false; start(box); });
})();
