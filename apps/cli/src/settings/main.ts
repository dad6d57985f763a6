import { writeFileSync } from 'node:fs';
import { settingsDocument } from '#libs/settings';

/** `node apps/cli/bin/run.mjs settings`: every setting as a table; `--write` renews `docs/settings.md`. */
if (process.argv.includes('--write')) writeFileSync('docs/settings.md', settingsDocument());
else process.stdout.write(settingsDocument());
