import ts from 'typescript';

/** Something that may stand only in its home. Each names its remedy, as a reviewer would. */
export interface Ban {
  readonly name: string;
  readonly instead: string;
  readonly where: 'product' | 'specs' | 'everywhere';
  /** Paths where it is at home, each with the reason. */
  readonly homes: readonly { readonly path: RegExp; readonly reason: string }[];
  readonly matches: (node: ts.Node) => boolean;
}

const isCallOf = (node: ts.Node, name: string): node is ts.CallExpression =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;

const isLoop = (node: ts.Node): boolean =>
  ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node) || ts.isForOfStatement(node);

function isInsideLoop(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) if (isLoop(at)) return true;
  return false;
}

/** `await` of a timer that is not the pause of a loop waiting for something. */
function isSleep(node: ts.Node): boolean {
  if (!ts.isAwaitExpression(node) || isInsideLoop(node)) return false;
  const awaited = node.expression;
  if (isCallOf(awaited, 'setTimeout') || isCallOf(awaited, 'sleep') || isCallOf(awaited, 'delay')) return true;
  if (!ts.isNewExpression(awaited) || !ts.isIdentifier(awaited.expression) || awaited.expression.text !== 'Promise') return false;
  const executor = awaited.arguments?.[0];
  if (executor === undefined || !ts.isArrowFunction(executor)) return false;
  return isCallOf(executor.body, 'setTimeout');
}

const TEST_FUNCTIONS = new Set(['it', 'test', 'describe']);

/** `it.skip`, `describe.only`, `it.todo`; `skipIf` and `runIf` name their condition and may stand. */
function isSwitchedOff(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || !['skip', 'only', 'todo'].includes(node.name.text)) return false;
  return ts.isIdentifier(node.expression) && TEST_FUNCTIONS.has(node.expression.text);
}

const isUnaryPlus = (node: ts.Node): boolean =>
  ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.PlusToken && !ts.isNumericLiteral(node.operand);

export const BANS: readonly Ban[] = [
  {
    name: 'new Date()',
    instead: 'take a Clock of #libs/kernel; timeText(ms) writes it down',
    where: 'product',
    homes: [],
    matches: (node) =>
      ts.isNewExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'Date' &&
      (node.arguments === undefined || node.arguments.length === 0),
  },
  {
    name: 'Number()',
    instead: 'decimal() for amounts; for whole numbers that are no amounts wholeNumber() or a zod schema at the border',
    where: 'product',
    homes: [],
    matches: (node) => isCallOf(node, 'Number'),
  },
  {
    name: 'unary plus',
    instead: 'decimal() for amounts; for whole numbers that are no amounts wholeNumber() or a zod schema at the border',
    where: 'product',
    homes: [],
    matches: isUnaryPlus,
  },
  {
    name: 'a test switched off',
    instead: 'repair it or delete it; what depends on the machine says so with skipIf',
    where: 'specs',
    homes: [],
    matches: isSwitchedOff,
  },
  {
    name: 'a sleep in a test',
    instead: 'wait for the condition (vi.waitFor, expect.poll, an event), or move a ManualClock',
    where: 'specs',
    homes: [],
    matches: isSleep,
  },
];

export interface Finding {
  readonly ban: string;
  readonly path: string;
  readonly line: number;
  readonly instead: string;
}

/** Where a text breaks a ban; `bans` are those that hold for this path. */
export function findBanned(path: string, text: string, bans: readonly Ban[]): Finding[] {
  const holding = bans.filter((ban) => !ban.homes.some((home) => home.path.test(path)));
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    for (const ban of holding) {
      if (!ban.matches(node)) continue;
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      findings.push({ ban: ban.name, path, line, instead: ban.instead });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}
