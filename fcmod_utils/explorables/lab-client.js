// The page's side of training: a worker made of the page's own script, or slices of the page's thread.
import { WORKER_END, makeServer } from "./lab-worker.js";

const PATIENCE_MS = 3000; // for a worker to say that it is there
const SLICE_MS = 8; // of a frame of 16, where there is no worker

// The program of a worker: the script of the page that holds this, up to the statement with WORKER_END.
// Pages opened from disk may not fetch scripts, but may start a worker from text.
function workerProgram() {
  for (const { textContent: text } of document.scripts) {
    const at = text.indexOf(WORKER_END);
    if (at > 0) return `${text.slice(0, text.indexOf(";", at) + 1)}\nserve(self);\n`;
  }
  return null;
}

/** Starts trainings, one at a time; `onEvent` hears of the last one started. */
export class LabClient {
  constructor(onEvent, { mode = "auto" } = {}) {
    this.onEvent = onEvent;
    this.mode = mode === "page" ? "page" : null; // "worker" or "page" once it is known
    this.run = 0;
    this.waiting = []; // messages for a worker that is not there yet
  }

  start(setup, weights = null) {
    this.run += 1;
    this.post({ type: "start", run: this.run, setup: structuredClone({ ...setup }), weights });
  }

  pause() { this.post({ type: "pause" }); }
  resume() { this.post({ type: "resume" }); }
  stop() { this.post({ type: "stop" }); }

  reset() {
    this.run += 1;
    this.post({ type: "reset", run: this.run });
  }

  /** End the worker; a later start makes a new one. */
  close() {
    this.run += 1;
    this.server?.({ type: "reset", run: 0 });
    this.drop();
    this.waiting = [];
  }

  drop() {
    clearTimeout(this.timer);
    this.worker?.terminate();
    if (this.url) URL.revokeObjectURL(this.url);
    this.worker = this.url = this.port = null;
    if (this.mode === "worker") this.mode = null;
  }

  hear(message) {
    if (message.type === "ready") {
      clearTimeout(this.timer);
      this.mode = "worker";
      this.port = this.worker;
      for (const one of this.waiting.splice(0)) this.port.postMessage(one);
    } else if (message.run === this.run) {
      const { run, ...event } = message;
      this.onEvent(event.type === "started" ? { ...event, mode: this.mode } : event);
    }
  }

  post(message) {
    if (this.mode === "page") {
      // not at once: what hears an answer may send a message, which must not find the server at work
      this.server ??= makeServer((answer) => queueMicrotask(() => this.hear(answer)), SLICE_MS);
      this.server(message);
    } else if (this.port) {
      this.port.postMessage(message);
    } else {
      this.waiting.push(message);
      if (!this.worker) this.launch();
    }
  }

  launch() {
    try {
      const program = workerProgram();
      if (!program) return this.stayOnPage();
      this.url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
      this.worker = new Worker(this.url);
    } catch {
      return this.stayOnPage();
    }
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      if (!this.port) return this.stayOnPage();
      this.drop();
      const message = `Training stopped: ${event.message}`;
      this.onEvent({ type: "failed", step: 0, reason: "error", message, network: null, evaluation: null });
    };
    this.timer = setTimeout(() => this.stayOnPage(), PATIENCE_MS);
  }

  /** No worker: train on this thread, in slices. */
  stayOnPage() {
    this.drop();
    this.mode = "page";
    for (const message of this.waiting.splice(0)) this.post(message);
  }
}
