import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** What was installed, built or left behind by a run: not ours to judge. */
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', '.breakwater']);
const TEXT = /\.(ts|mts|cts|mjs|cjs|js|json|jsonl|md|yaml|yml|sql|sh|html|css|txt)$|(^|\/)(\.[a-z.]+|run)$/;

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every text file of the checkout, read once. */
export function repositoryFiles(root: string = ROOT): SourceFile[] {
  const found: SourceFile[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!NOT_OURS.has(entry.name)) visit(name);
      } else if (entry.isFile() && TEXT.test(name)) {
        found.push({ path: name, text: readFileSync(path.join(root, name), 'utf8') });
      }
    }
  };
  visit('');
  return found;
}

export const isTypeScript = (file: SourceFile): boolean => file.path.endsWith('.ts') && !file.path.endsWith('.d.ts');
/** Specs, and the builders and fakes that only specs use. */
export const isTest = (file: SourceFile): boolean => /\.(e2e-)?spec\.ts$|\/testing\.ts$|\/testing\/|^test\//.test(file.path);
export const isSpec = (file: SourceFile): boolean => /\.(e2e-)?spec\.ts$/.test(file.path);
