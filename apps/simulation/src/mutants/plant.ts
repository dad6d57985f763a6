import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { invariant } from '#libs/kernel';
import type { Mutant, Patch } from './mutant.js';

/** The folder of the compiled code, which this file is compiled into. */
const DIST = new URL('../../../../', import.meta.url);

export class MutantRotten extends Error {
  override readonly name = 'MutantRotten';
}

/**
 * A file's code with one change in it.
 * @throws {MutantRotten} where the text to be replaced does not stand there exactly once: then the mutant means nothing any more.
 */
export function patched(name: string, { file, find, replace }: Patch, code: string): string {
  const parts = code.split(find);
  if (parts.length !== 2) throw new MutantRotten(`mutant ${name}: its text stands ${parts.length - 1} times in ${file}: ${find}`);
  return parts.join(replace);
}

/** The changed code of each file that a mutant touches, by its address. @throws {MutantRotten} */
export function mutatedFiles(mutant: Mutant, dist: URL = DIST): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const patch of mutant.patches) {
    const url = new URL(patch.file, dist);
    files.set(url.href, patched(mutant.name, patch, files.get(url.href) ?? readFileSync(url, 'utf8')));
  }
  return files;
}

/** Changes modules of this process as they are loaded; to be called before they are. @throws {MutantRotten} */
export function plant(mutant: Mutant): { assertLoaded(): void } {
  const files = mutatedFiles(mutant);
  const loaded = new Set<string>();
  registerHooks({
    load: (url, context, nextLoad) => {
      const source = files.get(url);
      if (source === undefined) return nextLoad(url, context);
      loaded.add(url);
      return { format: 'module', source, shortCircuit: true };
    },
  });
  return { assertLoaded: () => invariant(loaded.size === files.size, 'the mutant is in what is played') };
}
