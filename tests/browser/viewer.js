/** The page in a real Chromium, and what can be seen in it. */
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { until } from "./until.js";

/** @typedef {import("./probe.js").Shown} Shown */

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

const source = (/** @type {string} */ name) =>
  readFileSync(new URL(name, import.meta.url), "utf8").replaceAll(/^export /gm, "");
const PROBE = `(() => { ${source("barcode.js")}; ${source("probe.js")}; install(decode); })()`;

export class Viewer {
  /** Errors in the console and exceptions. @type {string[]} */
  errors = [];
  /** Warnings in the console. @type {string[]} */
  warnings = [];
  /** Requests to anything but the runner. @type {string[]} */
  foreign = [];
  /** Loads of the page itself. */
  navigations = 0;

  /**
   * @param {import("playwright-core").BrowserContext} context
   * @param {import("playwright-core").Page} page
   */
  constructor(context, page) {
    this.context = context;
    this.page = page;
  }

  /**
   * Opens a page with nothing in its cache.
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {import("playwright-core").BrowserContextOptions} [options]
   * @param {(page: import("playwright-core").Page) => Promise<void>} [prepare] Before the page is opened.
   */
  static async open(browser, url, options = {}, prepare = async () => undefined) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    const viewer = new Viewer(context, page);
    await page.addInitScript({ content: PROBE });
    const { host } = new URL(url);
    const visit = (/** @type {string} */ to) => {
      const { protocol, host: at } = new URL(to);
      if (!["blob:", "data:"].includes(protocol) && at !== host) viewer.foreign.push(to);
    };
    page.on("request", (request) => visit(request.url()));
    page.on("websocket", (socket) => visit(socket.url()));
    page.on("pageerror", (error) => viewer.errors.push(String(error)));
    page.on("console", (message) => {
      // What failed to load is told by its address alone.
      if (message.type() === "error") viewer.errors.push(`${message.text()} at ${message.location().url}`);
      if (message.type() === "warning") viewer.warnings.push(message.text());
    });
    page.on("domcontentloaded", () => viewer.navigations++);
    await prepare(page);
    await page.goto(url, { waitUntil: "commit" });
    return viewer;
  }

  /** @param {"frame" | "metric"} kind @param {string} id */
  pane(kind, id) {
    return this.page.locator(`[data-kind="${kind}"][data-id="${id}"]`);
  }

  /**
   * An attribute of a pane or of its chart; null while it is not there.
   *
   * @param {"frame" | "metric"} kind
   * @param {string} id
   * @param {string} name
   */
  async fact(kind, id, name) {
    const pane = `[data-kind="${kind}"][data-id="${id}"]`;
    return this.page.evaluate(
      ({ pane, name }) =>
        (
          document.querySelector(`${pane}[${name}]`) ?? document.querySelector(`${pane} [${name}]`)
        )?.getAttribute(name) ?? null,
      { pane, name },
    );
  }

  /**
   * Waits for what a pane says of itself.
   *
   * @param {"frame" | "metric"} kind
   * @param {string} id
   * @param {string} state
   * @param {number} withinMs
   */
  async becomes(kind, id, state, withinMs) {
    await until(
      `${kind} ${id} says ${state}`,
      withinMs,
      async () => (await this.fact(kind, id, "data-state")) === state,
    );
  }

  /** @returns {Promise<string>} */
  async connection() {
    return this.page.evaluate(
      () => document.querySelector("[data-connection]")?.getAttribute("data-connection") ?? "",
    );
  }

  /**
   * Frames of a stream that came on screen, oldest first.
   *
   * @param {string} stream
   * @param {number} [sinceMs] Only those that were read at or after this, ms since the Unix epoch.
   * @param {number} [most] Only so many of them.
   * @returns {Promise<Shown[]>}
   */
  async shown(stream, sinceMs = 0, most = Infinity) {
    return this.page.evaluate(
      ({ stream, sinceMs, most }) => {
        const { probe } = /** @type {{ probe: import("./probe.js").Probe }} */ (
          /** @type {unknown} */ (window)
        );
        return probe.shown.filter((frame) => frame.stream === stream && frame.atMs >= sinceMs).slice(0, most);
      },
      { stream, sinceMs, most },
    );
  }

  /**
   * The picture of a stream that is on screen now, and what stands beside it; null where no code can be read.
   *
   * @param {string} stream
   * @returns {Promise<import("./probe.js").Look | null>}
   */
  async look(stream) {
    return this.page.evaluate(
      (stream) =>
        /** @type {{ probe: import("./probe.js").Probe }} */ (/** @type {unknown} */ (window)).probe.look(
          stream,
        ),
      stream,
    );
  }

  /** @returns {Promise<string[]>} What the content security policy refused. */
  async violations() {
    return this.page.evaluate(
      () =>
        /** @type {{ probe: import("./probe.js").Probe }} */ (/** @type {unknown} */ (window)).probe
          .violations,
    );
  }

  /** When the navigation to the page began, ms since the Unix epoch. */
  async openedMs() {
    return this.page.evaluate(() => performance.timeOrigin);
  }

  /**
   * The picture on screen, scaled: RGB, row after row, and when it was captured by the word of the page, seconds since the
   * Unix epoch. Null where there is none yet.
   *
   * @param {string} id
   * @param {{ width: number, height: number }} size
   * @returns {Promise<{ rgb: number[], atS: number } | null>}
   */
  async pixels(id, size) {
    return this.page.evaluate(
      ({ id, width, height }) => {
        const { probe } = /** @type {{ probe: import("./probe.js").Probe }} */ (
          /** @type {unknown} */ (window)
        );
        const picture = probe.picture(id);
        const atMs = Number(picture?.closest("[data-capture-ms]")?.getAttribute("data-capture-ms"));
        if (picture === null || !(atMs > 0)) return null;
        if (picture instanceof HTMLVideoElement && picture.readyState < 2) return null;
        // Scaled down in two steps, each a mean: a single one would skip pixels.
        const scale = 8;
        const canvas = document.createElement("canvas");
        canvas.width = width * scale;
        canvas.height = height * scale;
        const context = canvas.getContext("2d", { willReadFrequently: true });
        if (context === null) return null;
        context.imageSmoothingQuality = "high";
        context.drawImage(picture, 0, 0, canvas.width, canvas.height);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const sums = new Array(width * height * 3).fill(0);
        for (let y = 0; y < canvas.height; y++) {
          for (let x = 0; x < canvas.width; x++) {
            const to = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 3;
            for (let c = 0; c < 3; c++) sums[to + c] += data[(y * canvas.width + x) * 4 + c];
          }
        }
        return { rgb: sums.map((sum) => sum / (scale * scale)), atS: atMs / 1000 };
      },
      { id, ...size },
    );
  }

  async close() {
    await this.context.close();
  }
}
