import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a person reads. Colours on a terminal, plain text in a pipe or with NO_COLOR. */
export class Terminal {
  private readonly beganMs = performance.now();
  private stepMs = performance.now();

  constructor(private readonly stream: NodeJS.WriteStream = process.stdout) {
    // A reader who went away must not end the process before everything else is stopped.
    stream.on('error', () => undefined);
  }

  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.stream });
  }

  line(text = ''): void {
    this.stream.write(`${text}\n`);
  }

  /** A finished step of the start, with the time it took. */
  step(name: string, detail: string, tookMs: number = performance.now() - this.stepMs): void {
    this.stepMs = performance.now();
    this.line(`${this.style('green', '✓')} ${name.padEnd(11)} ${detail} ${this.style('dim', `${tookMs.toFixed(0)} ms`)}`);
  }

  note(text: string): void {
    this.line(`${this.style('yellow', '!')} ${text}`);
  }

  sinceBeginMs(): number {
    return performance.now() - this.beganMs;
  }
}
