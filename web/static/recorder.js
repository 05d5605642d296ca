// Hands on what the microphone gives, in pieces of a fraction of a second.
"use strict";

registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(8192);
    this.filled = 0;
  }

  process([input]) {
    for (const one of input[0] || []) {
      this.piece[this.filled] = one;
      this.filled += 1;
      if (this.filled === this.piece.length) { this.port.postMessage(this.piece.slice()); this.filled = 0; }
    }
    return true;
  }
});
