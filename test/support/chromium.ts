import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Debian's name for it; undefined where it is not installed. */
export const CHROMIUM: string | undefined = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** Removes a folder that processes which are about to end may still write to: rmSync() looks into it but once. */
async function removed(folder: string): Promise<void> {
  for (let tries = 0; existsSync(folder) && tries < 50; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A headless browser with one page, driven over the debugging pipe: no port, and nothing to install. */
export class Browser {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly events: Answer[] = [];
  private next = 1;
  private pending = "";
  private session: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    (child.stdio[4] as Readable).on("data", (chunk: Buffer) => this.take(chunk.toString("utf8")));
  }

  static async open(width: number, height: number, flags: readonly string[] = ["--disable-gpu"]): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "rbtool-chromium-"));
    const child = spawn(
      CHROMIUM!,
      [
        "--headless",
        "--no-sandbox",
        ...flags,
        "--remote-debugging-pipe",
        `--user-data-dir=${profile}`,
        `--window-size=${width},${height}`,
        "about:blank",
      ],
      // A group of its own, to end its children with it.
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true },
    );
    const browser = new Browser(child, profile);
    const { targetInfos } = (await browser.ask("Target.getTargets")) as {
      targetInfos: { targetId: string; type: string }[];
    };
    const { targetId } = targetInfos.find(({ type }) => type === "page")!;
    browser.session = (await browser.ask("Target.attachToTarget", { targetId, flatten: true })).sessionId as string;
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await browser.ask(`${domain}.enable`);
    return browser;
  }

  /** What a page makes the browser ask for, beside the page itself; and what its console says. */
  said(method: RegExp): readonly Answer[] {
    return this.events.filter((event) => method.test(event.method ?? ""));
  }

  async ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.next++;
    const message = { id, method, params, ...(this.session === undefined ? {} : { sessionId: this.session }) };
    const answer = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    (this.child.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result!;
  }

  /** The value of an expression in the page. */
  async value<T>(expression: string): Promise<T> {
    const { result } = (await this.ask("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as {
      result: { value: T };
    };
    return result.value;
  }

  /** Asks until the answer is true. */
  async until(expression: string): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      if (await this.value<boolean>(expression)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`never: ${expression}`);
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    process.kill(-this.child.pid!, "SIGKILL");
    await gone;
    await removed(this.profile);
  }

  private take(text: string): void {
    const parts = (this.pending + text).split("\0");
    this.pending = parts.pop()!;
    for (const part of parts) {
      const answer = JSON.parse(part) as Answer;
      if (answer.id === undefined) this.events.push(answer);
      else {
        this.waiting.get(answer.id)?.(answer);
        this.waiting.delete(answer.id);
      }
    }
  }
}
