// Approving by ear: how much of each sound was heard, from the ranges really played, and one player at a time.
// It is kept in this tab for the person who listens, by the hash of the sound: whoever comes back has heard it still.
"use strict";

(() => {
  const approval = document.getElementById("approve");
  const united = (ranges) => {
    const merged = [];
    for (const [start, end] of ranges.sort((one, other) => one[0] - other[0])) {
      const last = merged[merged.length - 1];
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([start, end]);
    }
    return merged;
  };
  const count = (player) => {
    const words = player.parentElement.querySelector("[data-heard-words]");
    const key = `heard:${approval.dataset.person}:${player.dataset.heard}`;
    const before = JSON.parse(sessionStorage.getItem(key) || "[]");
    let field = document.getElementById("heard_ms");
    const isMain = player.id === "heard-player" && field;
    if (!isMain) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "heard_of";
      approval.append(field);
    }
    const note = () => {
      const played = Array.from({ length: player.played.length }, (_, i) => [player.played.start(i), player.played.end(i)]);
      const heard = united([...before.map((range) => [...range]), ...played]);
      const seconds = heard.reduce((sum, [start, end]) => sum + end - start, 0);
      const ms = Math.round(seconds * 1000);
      field.value = isMain ? String(ms) : `${player.dataset.heard}:${ms}`;
      try { if (ms) sessionStorage.setItem(key, JSON.stringify(heard)); } catch { /* no room: this page still counts */ }
      const length = Number.isFinite(player.duration) ? player.duration : Number(player.dataset.lengthMs) / 1000;
      const share = length ? Math.min(100, Math.round((100 * seconds) / length)) : 0;
      if (words) words.textContent = share ? `Đã nghe ${share}%.` : "";
    };
    for (const name of ["loadedmetadata", "timeupdate", "pause", "ended", "seeked"]) player.addEventListener(name, note);
    note();
  };
  if (approval) document.querySelectorAll("audio[data-heard]").forEach(count);
  const players = [...document.querySelectorAll("audio")];
  for (const player of players) {
    player.addEventListener("play", () => players.forEach((other) => { if (other !== player) other.pause(); }));
  }
})();
