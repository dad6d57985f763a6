import type { Finding, Verdict } from './judge.js';
import type { Intent } from './intents.js';

const FINDINGS_SHOWN_MAX = 30;
const VERDICTS: readonly Verdict[] = ['twice', 'lost', 'guessed', 'unknown'];

interface Line {
  crashes: number;
  notReached: number;
  orders: number;
  failures: number;
  readonly readyMs: number[];
  readonly found: Record<Verdict, number>;
}

/** What is counted as "N passed, M failed" elsewhere, by the names of the test runner's own report. */
export interface Totals {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** What happened, by what hurt the gateway, and the table of it. */
export class Report {
  private readonly lines = new Map<string, Line>();
  private readonly findings: Finding[] = [];
  private readonly failures: string[] = [];
  private readonly startedMs = performance.now();

  constructor(
    groups: readonly string[],
    private readonly out: (line: string) => void,
  ) {
    for (const group of groups) this.line(group);
  }

  /** A line of progress. */
  say(text: string): void {
    this.out(`${((performance.now() - this.startedMs) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
  }

  crashed(group: string): void {
    this.line(group).crashes += 1;
  }

  notReached(group: string): void {
    this.line(group).notReached += 1;
  }

  ready(group: string, ms: number): void {
    this.line(group).readyMs.push(ms);
  }

  failed(group: string, what: string): void {
    this.line(group).failures += 1;
    this.failures.push(what);
    this.say(what);
  }

  /** The verdict over one lane. */
  judged(intents: readonly Intent[], findings: readonly Finding[]): void {
    const groups = new Map(intents.map(({ clientOrderId, group }) => [clientOrderId, group]));
    for (const { group } of intents) this.line(group).orders += 1;
    for (const finding of findings) {
      const group = finding.clientOrderId === null ? '' : (groups.get(finding.clientOrderId) ?? '');
      this.line(group).found[finding.verdict] += 1;
      this.findings.push(finding);
    }
  }

  totals(): Totals {
    const lines = [...this.lines.entries()];
    const bad = lines.filter(([group, line]) => !this.isGood(group, line)).length;
    return { numPassedTests: lines.length - bad, numFailedTests: bad };
  }

  table(): readonly string[] {
    const rows = [...this.lines.entries()].map(([group, line]) => this.row(group, line));
    const head = ['point', 'crashes', 'orders', ...VERDICTS, 'ready in s'];
    const total = [...this.lines.values()];
    const sums = ['total', sum(total, 'crashes'), sum(total, 'orders'), ...VERDICTS.map((verdict) => foundOf(total, verdict)), ''];
    const all = [head, ...rows, sums.map(String)];
    const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
    const text = all.map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    );
    const shown = this.findings
      .slice(0, FINDINGS_SHOWN_MAX)
      .map(({ verdict, clientOrderId, what }) => `${verdict}: ${clientOrderId ?? '-'}: ${what}`);
    const hidden = this.findings.length - shown.length;
    return [...text, ...shown, ...(hidden > 0 ? [`and ${hidden} more`] : []), ...this.failures];
  }

  private row(group: string, line: Line): readonly string[] {
    const reached = line.notReached === 0 ? String(line.crashes) : `${line.crashes}, NOT REACHED ${line.notReached}`;
    const ready = line.readyMs.length === 0 ? '-' : (Math.max(...line.readyMs) / 1_000).toFixed(1);
    const name = group === '' ? '(no point)' : group;
    return [name, group === '' ? '' : reached, String(line.orders), ...VERDICTS.map((verdict) => String(line.found[verdict])), ready];
  }

  private isGood(group: string, line: Line): boolean {
    const isHurt = group === '' || line.crashes > 0;
    return isHurt && line.notReached === 0 && line.failures === 0 && VERDICTS.every((verdict) => line.found[verdict] === 0);
  }

  private line(group: string): Line {
    const known = this.lines.get(group);
    if (known !== undefined) return known;
    const found = { twice: 0, lost: 0, guessed: 0, unknown: 0 };
    const line: Line = { crashes: 0, notReached: 0, orders: 0, failures: 0, readyMs: [], found };
    this.lines.set(group, line);
    return line;
  }
}

function sum(lines: readonly Line[], field: 'crashes' | 'orders'): number {
  return lines.reduce((total, line) => total + line[field], 0);
}

function foundOf(lines: readonly Line[], verdict: Verdict): number {
  return lines.reduce((total, line) => total + line.found[verdict], 0);
}
