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

/** What a reader can hold in mind at a call; a constructor is a list of what its class needs, and is called by the container. */
const PARAMETERS_MAX = 5;
const CONSTRUCTOR_PARAMETERS_MAX = 12;

function hasTooManyParameters(node: ts.Node): boolean {
  if (ts.isConstructorDeclaration(node)) return node.parameters.length > CONSTRUCTOR_PARAMETERS_MAX;
  return ts.isFunctionLike(node) && 'body' in node && node.parameters.length > PARAMETERS_MAX;
}

/** Where whole numbers below 2^53 are held as numbers on purpose, exact text kept or rebuilt; each has properties that hold it to that. */
const EXACT_WHOLE_NUMBERS: Ban['homes'] = [
  {
    path: /^libs\/exchanges\/books\/src\/digits\.ts$/,
    reason: 'holds decimal text as whole numbers of at most 15 digits, and rebuilds it',
  },
  {
    path: /^libs\/exchanges\/binance\/src\/market-stream\/sequence\.ts$/,
    reason: 'sequence ids, after a check against the largest safe integer',
  },
  { path: /^libs\/exchanges\/transport\/src\/lossless-json\.ts$/, reason: 'asks whether an integer survives, and throws the result away' },
  { path: /^libs\/venue-simulator\/src\/exchange\/scaled\.ts$/, reason: 'scaled integers of the matching engine, after a check' },
];

const WHOLE_NUMBERS = 'decimal() for amounts; for counts and times Number.parseInt(text, 10) after a check, or a zod schema at the border';

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
    instead: WHOLE_NUMBERS,
    where: 'product',
    homes: EXACT_WHOLE_NUMBERS,
    matches: (node) => isCallOf(node, 'Number'),
  },
  {
    name: 'unary plus',
    instead: WHOLE_NUMBERS,
    where: 'product',
    homes: EXACT_WHOLE_NUMBERS,
    matches: isUnaryPlus,
  },
  {
    name: 'too many parameters',
    instead: `at most ${PARAMETERS_MAX}, of a constructor ${CONSTRUCTOR_PARAMETERS_MAX}: hand over one object with names`,
    where: 'product',
    homes: [],
    matches: hasTooManyParameters,
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
