export interface ProgressOut {
  readonly isTerminal: boolean;
  write(text: string): void;
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 15_000;

/** How far it is: a bar that moves on a terminal, a line now and then in a pipe. */
export class Progress {
  private readonly beganMs: number;
  private toldMs: number;
  private done = 0;
  private failing = 0;

  constructor(
    private readonly total: number,
    private readonly out: ProgressOut,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.beganMs = nowMs();
    this.toldMs = this.beganMs;
  }

  step(isFailing: boolean): void {
    this.done += 1;
    if (isFailing) this.failing += 1;
    const nowMs = this.nowMs();
    const isDue = nowMs - this.toldMs >= (this.out.isTerminal ? REDRAW_MS : LINE_EVERY_MS);
    if (!isDue && !(this.out.isTerminal && this.done === this.total)) return;
    this.toldMs = nowMs;
    this.out.write(this.out.isTerminal ? `\r\u001B[2K${this.bar()} ${this.text(nowMs)}` : `${this.text(nowMs)}\n`);
  }

  /** Makes room for what comes next. */
  clear(): void {
    if (this.out.isTerminal) this.out.write('\r\u001B[2K');
  }

  private bar(): string {
    const filled = Math.floor((this.done / this.total) * BAR_WIDTH);
    return `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
  }

  private text(nowMs: number): string {
    const seconds = Math.max(0.001, (nowMs - this.beganMs) / 1_000);
    const rate = this.done / seconds;
    const leftS = Math.ceil((this.total - this.done) / rate);
    const failing = this.failing === 0 ? '' : `, ${this.failing} failing`;
    return `${this.done} of ${this.total} seeds, ${rate.toFixed(1)} seeds/s, ${leftS} s left${failing}`;
  }
}
