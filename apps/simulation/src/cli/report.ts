import type { Hunt } from '../mutants/hunt.js';
import { SEEDS_MAX } from '../mutants/catalogue.js';
import { invariantLines } from './invariants.js';
import type { Paint } from './paint.js';
import type { Summary } from './summary.js';

const VIOLATIONS_SHOWN = 3;

/** The end of a run, for people. */
export function reportOf(summary: Summary, durationMs: number, paint: Paint): string {
  const { seeds, operations, orders, failing } = summary;
  return [
    paint.bold('Faults injected'),
    ...faultLines(summary),
    '',
    paint.bold('Invariants checked'),
    ...checkedLines(summary, paint),
    '',
    ...failingLines(summary, paint),
    `${whole(seeds)} seeds, ${whole(operations)} operations, ${whole(orders)} orders in ${(durationMs / 1_000).toFixed(1)} s`,
    `trace hash ${summary.traceHash}`,
    failing.length === 0 ? paint.green('every invariant held') : paint.red(`${failing.length} seeds failed`),
  ].join('\n');
}

function faultLines({ faults }: Summary): string[] {
  const names = Object.keys(faults);
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => `  ${name.padEnd(width)}  ${whole(faults[name]!).padStart(11)}`);
}

function checkedLines({ checked, failing }: Summary, paint: Paint): string[] {
  const broken = new Set(failing.flatMap(({ violations }) => violations.map(({ invariant }) => invariant)));
  return invariantLines().map(({ invariant, about, nothingYet }) => {
    const count = whole(checked[invariant] ?? 0).padStart(12);
    const name = broken.has(invariant) ? paint.red(invariant) : invariant;
    return `  ${name}  ${count}  ${about}${nothingYet === null ? '' : paint.dim(` (${nothingYet})`)}`;
  });
}

function failingLines({ failing }: Summary, paint: Paint): string[] {
  return failing.flatMap(({ seed, violations }) => [
    paint.red(`seed ${seed}`),
    ...violations.slice(0, VIOLATIONS_SHOWN).map(({ invariant, text }) => `  ${invariant}  ${text}`),
    ...(violations.length > VIOLATIONS_SHOWN ? [`  and ${violations.length - VIOLATIONS_SHOWN} more`] : []),
    `  replay: ${paint.cyan(`npm run simulate -- --seed ${seed} --trace`)}`,
    '',
  ]);
}

/** What became of the mutants, for people. */
export function huntTable(hunts: readonly Hunt[], paint: Paint): string {
  const width = Math.max(...hunts.map(({ mutant }) => mutant.name.length));
  const lines = hunts.map(({ mutant, killedBy, seeds }) => {
    const name = mutant.name.padEnd(width);
    if (killedBy === null) return `${name}  ${paint.red('survived')}              ${String(seeds).padStart(4)} seeds  ${mutant.about}`;
    const by = `${paint.green(killedBy.invariant.padEnd(8))}  seed ${String(killedBy.seed).padEnd(5)}`;
    return `${name}  ${by}  ${String(seeds).padStart(4)} seeds  ${paint.dim(mutant.about)}`;
  });
  const survivors = hunts.filter(({ killedBy }) => killedBy === null).length;
  const end =
    survivors === 0
      ? paint.green(`all ${hunts.length} mutants were noticed within ${SEEDS_MAX} seeds`)
      : paint.red(`${survivors} of ${hunts.length} mutants survived ${SEEDS_MAX} seeds`);
  return [...lines, '', end].join('\n');
}

export function whole(count: number): string {
  return count.toLocaleString('en-US');
}
