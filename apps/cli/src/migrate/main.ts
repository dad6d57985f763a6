import { Command } from 'commander';
import { migrateDown, migrateUp, migrationStatus, withMigrations } from '#libs/database';
import { loadSettings } from '#libs/settings';
import { CommandFault, faultText } from '../state/command-fault.js';
import { environmentWithFile } from '../state/environment.js';
import { withDatabase } from '../state/state-database.js';
import { StateFolder } from '../state/state-folder.js';

/** `npm run migrate -- up|down|status`: on `DATABASE_URL`, else on the embedded database of the state folder. */
async function onDatabase(work: (ownerUrl: string) => Promise<void>): Promise<void> {
  const cwd = process.cwd();
  const settings = loadSettings({ env: environmentWithFile(process.env, cwd), cwd });
  await withDatabase(settings, new StateFolder(settings.home), ({ ownerUrl }) => work(ownerUrl));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function up(): Promise<void> {
  await onDatabase(async (url) => {
    const applied = await withMigrations(url, migrateUp);
    for (const name of applied) print(`applied   ${name}`);
    if (applied.length === 0) print('nothing to do: every migration is applied');
  });
}

async function down(): Promise<void> {
  await onDatabase(async (url) => {
    const reverted = await withMigrations(url, migrateDown);
    print(reverted === null ? 'nothing to do: no migration is applied' : `reverted  ${reverted}`);
  });
}

async function status(): Promise<void> {
  await onDatabase(async (url) => {
    const states = await withMigrations(url, migrationStatus);
    for (const { name, applied } of states) print(`${applied ? 'applied' : 'pending'}   ${name}`);
    print(`${states.filter(({ applied }) => applied).length} applied, ${states.filter(({ applied }) => !applied).length} pending`);
  });
}

const program = new Command('npm run migrate --')
  .description('Migrations of the database that DATABASE_URL names, or of the embedded one in the state folder.')
  .exitOverride((exit) => {
    process.exitCode = exit.exitCode;
    throw exit;
  });
program.command('up').description('apply all that are pending').action(up);
program.command('down').description('revert the last one').action(down);
program.command('status').description('show which are applied').action(status);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error && error.name === 'CommanderError')) {
    process.stderr.write(`breakwater: ${explained(error)}\n`);
    process.exitCode = 1;
  }
}

/** A migration that Postgres refuses is the operator's to read: its words, not our stack. */
function explained(error: unknown): string {
  if (error instanceof Error && error.name === 'QueryFailedError')
    return faultText(new CommandFault(`the migration failed and was rolled back: ${error.message}`));
  return faultText(error);
}
