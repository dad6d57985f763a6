import { isMet, median, worst, type BenchLine, type BenchResult } from './bench-result.js';

const HEADINGS = ['', 'median', 'worst', 'goal', ''] as const;

/** The result as people read it: one line per figure, the verdict last. */
export function benchTable(result: BenchResult): string {
  const rows = [HEADINGS, ...result.lines.map(row)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const text = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 1 || column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [`\n${result.bench}: ${result.runs} runs, interleaved`, ...text].join('\n');
}

function row(line: BenchLine): readonly string[] {
  const met = isMet(line);
  const sign = line.goal?.sense === 'at-least' ? '≥' : '≤';
  return [
    line.name,
    figure(median(line.values), line.unit),
    figure(worst(line), line.unit),
    line.goal === null ? '' : `${sign} ${line.goal.limit} ${line.unit}`,
    met === null ? '' : met ? 'met' : 'MISSED',
  ];
}

const figure = (value: number, unit: BenchLine['unit']): string => `${value.toFixed(unit === '/s' || unit === 'µs' ? 0 : 2)} ${unit}`;
