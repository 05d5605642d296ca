// Sending a large file with a bar, and recording one in the browser. Without it the forms are sent as they are.
"use strict";

(() => {
  const MB = 1024 * 1024;
  const number = new Intl.NumberFormat("vi", { maximumFractionDigits: 1 });
  const sizeOf = ({ size }) => (size >= MB ? `${number.format(size / MB)} MB` : size ? `${number.format(Math.ceil(size / 1024))} KB` : "0 byte");
  const fileOf = (form) => form.elements.file;

  const fail = (form, words) => {
    const line = form.querySelector("[data-file-error]");
    line.textContent = words;
    line.hidden = !words;
    if (words) { fileOf(form).setAttribute("aria-invalid", "true"); line.scrollIntoView({ block: "center" }); }
    else fileOf(form).removeAttribute("aria-invalid");
  };

  const objection = (field, file) => {
    if (file.size === 0) return `Tệp “${file.name}” rỗng (0 byte). Hãy kiểm tra lại tệp trên máy rồi chọn lần nữa.`;
    const largest = Number(field.dataset.largest);
    if (file.size > largest) return `Tệp “${file.name}” nặng ${number.format(file.size / MB)} MB, lớn hơn mức ${largest / MB} MB. Hãy chọn tệp ngắn hơn, hoặc xuất sang MP3 để tệp nhỏ lại.`;
    return "";
  };

  // -- Choosing
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form?.matches("[data-upload]") || event.target !== fileOf(form)) return;
    const file = event.target.files[0];
    form.querySelector("[data-file-name]").textContent = file ? `${file.name} (${sizeOf(file)})` : "chưa chọn tệp nào";
    fail(form, file ? objection(event.target, file) : "");
  });
  const zoneAt = (event) => event.target.closest?.("[data-file-drop]");
  document.addEventListener("dragover", (event) => {
    const zone = zoneAt(event);
    if (zone) { event.preventDefault(); zone.classList.add("is-over"); }
  });
  document.addEventListener("dragleave", (event) => zoneAt(event)?.classList.remove("is-over"));
  document.addEventListener("drop", (event) => {
    const zone = zoneAt(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    const field = zone.querySelector("input[type=file]");
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // -- Sending
  const left = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} giây` : `${Math.round(seconds / 60)} phút`);

  const show = (form, request, began) => {
    const box = form.querySelector("[data-upload-progress]");
    const [words, bar, stop] = [box.querySelector("[data-upload-words]"), box.querySelector("progress"), box.querySelector("[data-upload-stop]")];
    box.hidden = false;
    stop.onclick = () => request.abort();
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      const share = event.loaded / event.total;
      bar.value = share * 100;
      const seconds = (performance.now() - began) / 1000;
      const rest = seconds > 2 && share < 1 ? `, còn khoảng ${left((seconds / share) * (1 - share))}` : "";
      words.textContent = `Đã gửi ${Math.floor(share * 100)}% (${number.format(event.loaded / MB)} / ${number.format(event.total / MB)} MB)${rest}.`;
    };
    request.upload.onload = () => { bar.removeAttribute("value"); words.textContent = "Đã gửi xong. Máy chủ đang xem tệp…"; stop.hidden = true; };
    return () => { box.hidden = true; bar.value = 0; stop.hidden = false; };
  };

  const answered = (form, request) => {
    if (request.status === 201) {
      delete form.dataset.dirty;
      window.location.assign(JSON.parse(request.responseText).to);
      return;
    }
    if (new URL(request.responseURL || location.href).pathname === "/dang-nhap") {
      fail(form, "Phiên làm việc đã hết hạn nên tệp chưa được nhận. Hãy đăng nhập ở một thẻ khác rồi quay lại đây gửi lần nữa.");
      return;
    }
    const isPage = (request.getResponseHeader("Content-Type") || "").startsWith("text/html");
    const page = isPage ? new DOMParser().parseFromString(request.responseText, "text/html") : null;
    const part = page?.querySelector("[data-upload-page]");
    if (part) {
      document.querySelector("[data-upload-page]").replaceWith(part);
      part.querySelector("[data-focus-here]")?.focus();
      prepare();
      return;
    }
    const words = page ? page.querySelector("main .lead-line")?.textContent : request.responseText;
    fail(form, words?.trim() || "Máy chủ không nhận tệp. Hãy thử lại sau ít phút.");
  };

  const send = (form) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "1");
    const hide = show(form, request, performance.now());
    const buttons = form.querySelectorAll("button.btn-primary");
    const over = (act) => () => { delete form.dataset.sending; buttons.forEach((one) => { one.disabled = false; }); hide(); act(); };
    form.dataset.sending = "1";
    buttons.forEach((one) => { one.disabled = true; });
    request.onload = over(() => answered(form, request));
    request.onerror = over(() => fail(form, "Mất kết nối khi đang gửi. Tệp chưa được nhận; nội dung đã điền vẫn còn, hãy gửi lại."));
    request.onabort = over(() => fail(form, "Đã dừng gửi. Máy chủ không giữ lại gì."));
    request.send(new FormData(form));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-upload]");
    const file = form && fileOf(form).files[0];
    if (!file) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    const words = objection(fileOf(form), file);
    fail(form, words);
    if (!words) send(form);
  }, true);

  // -- Recording: plain samples in a WAV file, which every browser can give and the server decodes like any other.
  const LONGEST_S = 30 * 60;

  const wavOf = (pieces, rate) => {
    const samples = pieces.reduce((sum, one) => sum + one.length, 0);
    const head = new DataView(new ArrayBuffer(44));
    const text = (at, words) => [...words].forEach((sign, i) => head.setUint8(at + i, sign.charCodeAt(0)));
    text(0, "RIFF"); head.setUint32(4, 36 + samples * 2, true); text(8, "WAVEfmt ");
    head.setUint32(16, 16, true); head.setUint16(20, 1, true); head.setUint16(22, 1, true);
    head.setUint32(24, rate, true); head.setUint32(28, rate * 2, true); head.setUint16(32, 2, true); head.setUint16(34, 16, true);
    text(36, "data"); head.setUint32(40, samples * 2, true);
    return new Blob([head, ...pieces], { type: "audio/wav" });
  };

  const sixteenBits = (piece) => Int16Array.from(piece, (one) => Math.max(-1, Math.min(1, one)) * 32767);

  const listen = async (hear) => {
    // What makes telephones sound clear makes a voice on a horn sound thin.
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
    const context = new AudioContext();
    await context.audioWorklet.addModule(document.querySelector("[data-recorder]").dataset.recorder);
    const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
    tap.port.onmessage = (event) => hear(event.data);
    context.createMediaStreamSource(stream).connect(tap);
    return { rate: context.sampleRate, stop: () => { stream.getTracks().forEach((track) => track.stop()); return context.close(); } };
  };

  const put = (form, blob) => {
    const now = new Date();
    const two = (value) => String(value).padStart(2, "0");
    const name = `ghi-am-${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}.wav`;
    const carrier = new DataTransfer();
    carrier.items.add(new File([blob], name, { type: "audio/wav" }));
    fileOf(form).files = carrier.files;
    fileOf(form).dispatchEvent(new Event("input", { bubbles: true }));
    fileOf(form).dispatchEvent(new Event("change", { bubbles: true }));
  };

  let running = null;
  const minutes = (seconds) => `${Math.floor(Math.round(seconds) / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;
  const begin = async (box, button, words) => {
    const pieces = [];
    let samples = 0;
    button.disabled = true;
    try {
      running = await listen((piece) => {
        pieces.push(sixteenBits(piece));
        samples += piece.length;
        if (!running) return;
        words.textContent = `Đang ghi ${minutes(samples / running.rate)}`;
        if (samples / running.rate >= LONGEST_S) finish();
      });
    } catch {
      words.textContent = "Trình duyệt không cho dùng micrô. Hãy cho phép, hoặc thu bằng điện thoại rồi chọn tệp.";
      return;
    } finally {
      button.disabled = false;
    }
    words.classList.add("is-recording");
    button.textContent = "■ Dừng ghi";
    const finish = async () => {
      const recorder = running;
      if (!recorder) return;
      running = null;
      await recorder.stop();
      words.classList.remove("is-recording");
      button.textContent = "● Ghi lại từ đầu";
      words.textContent = `Đã ghi ${minutes(samples / recorder.rate)}. Nghe lại, rồi gửi tệp.`;
      const blob = wavOf(pieces, recorder.rate);
      const player = box.querySelector("audio");
      if (player.src) URL.revokeObjectURL(player.src);
      player.src = URL.createObjectURL(blob);
      player.hidden = false;
      put(box.closest("form"), blob);
    };
    running.finish = finish;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-record]");
    if (!button) return;
    const box = button.closest("[data-recorder]");
    if (running) running.finish();
    else begin(box, button, box.querySelector("[data-record-words]"));
  });

  const prepare = () => {
    // The browser's own field speaks the language of the browser.
    for (const chosen of document.querySelectorAll("[data-file-chosen]")) {
      chosen.hidden = false;
      chosen.parentElement.querySelector("input[type=file]").classList.add("visually-hidden");
    }
    const box = document.querySelector("[data-recorder]");
    if (box && navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode && window.DataTransfer) box.hidden = false;
  };
  prepare();
})();
