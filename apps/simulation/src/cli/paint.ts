/** Colours for a terminal; plain text for everything else. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  magenta(text: string): string;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36, magenta: 35 } as const;

/** @param isColoured by default, whether the output is a terminal that wants colours. */
export function paintFor(isColoured: boolean = process.stdout.isTTY && process.env['NO_COLOR'] === undefined): Paint {
  const wrap = (code: number) => (text: string) => (isColoured ? `\u001B[${code}m${text}\u001B[0m` : text);
  return {
    bold: wrap(CODES.bold),
    dim: wrap(CODES.dim),
    red: wrap(CODES.red),
    green: wrap(CODES.green),
    yellow: wrap(CODES.yellow),
    cyan: wrap(CODES.cyan),
    magenta: wrap(CODES.magenta),
  };
}
