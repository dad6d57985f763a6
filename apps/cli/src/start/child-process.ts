import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isReady, type GoMessage, type ReadyMessage, type WarmMessage } from './child-messages.js';

const PRELOAD = new URL('./under-supervisor.js', import.meta.url).href;

export interface ChildPlan {
  readonly name: string;
  /** The file that Node runs. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built program of another app. */
export function programOf(app: string): string {
  return fileURLToPath(new URL(`../../../${app}/src/main.js`, import.meta.url));
}

/**
 * A process of ours. It writes to our own output; what it says on its error stream is passed on line by line, and the
 * last lines are kept, since a child that cannot start says there why.
 */
export class Child {
  readonly name: string;
  readonly ended: Promise<ChildEnd>;
  private readonly process: ChildProcess;
  private end: ChildEnd | null = null;
  private holdBack = true;
  private held: string[] = [];

  constructor(plan: ChildPlan) {
    this.name = plan.name;
    this.process = spawn(process.execPath, ['--enable-source-maps', '--import', PRELOAD, plan.file], {
      cwd: plan.cwd,
      env: plan.env,
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Ctrl-C reaches the whole group of the terminal: only the supervisor may answer it, in the right order.
      detached: process.platform !== 'win32',
    });
    this.warm(path.join(path.dirname(plan.file), 'app.module.js'));
    const errors = this.process.stderr;
    if (errors !== null) createInterface({ input: errors }).on('line', (line) => this.complaint(line));
    this.ended = new Promise((resolve) => {
      const settle = (code: number | null, signal: NodeJS.Signals | null) => {
        this.end ??= { code, signal };
        resolve(this.end);
      };
      this.process.once('error', () => settle(null, null));
      this.process.once('close', settle);
    });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get isRunning(): boolean {
    return this.end === null;
  }

  /** Lets its own code begin, with these variables besides those it was given. Until then it only loads. */
  go(env: Readonly<Record<string, string>> = {}): void {
    this.send({ kind: 'go', env });
  }

  /** Resolves with what the child says when it serves; `null` when it ended before. */
  ready(): Promise<ReadyMessage | null> {
    const said = new Promise<ReadyMessage>((resolve) => {
      this.process.on('message', (message) => {
        if (isReady(message)) resolve(message);
      });
    });
    return Promise.race([said, this.ended.then(() => null)]);
  }

  /** From now on errors are shown as they come. */
  showErrors(): void {
    this.holdBack = false;
    for (const line of this.held.splice(0)) process.stderr.write(`${line}\n`);
  }

  /** What it said before it ended, and takes it: the reason of a failed start is its last line. */
  takeComplaint(): string[] {
    return this.held.splice(0);
  }

  /** Asks it to stop, insists after `withinMs`, resolves when it is gone. */
  async stop(withinMs: number): Promise<void> {
    if (!this.isRunning) return;
    this.process.kill('SIGTERM');
    const insist = setTimeout(() => this.process.kill('SIGKILL'), withinMs);
    await this.ended;
    clearTimeout(insist);
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  private warm(module: string): void {
    if (existsSync(module)) this.send({ kind: 'warm', module: pathToFileURL(module).href });
  }

  /** A child that is gone already cannot be told anything: that it is gone is noticed elsewhere. */
  private send(message: WarmMessage | GoMessage): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  private complaint(line: string): void {
    if (this.holdBack) this.held.push(line);
    else process.stderr.write(`${line}\n`);
  }
}
