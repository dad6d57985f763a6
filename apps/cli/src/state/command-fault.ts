/** Something that the person at the terminal can do something about: shown as one line, without a stack. Names the setting. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault';
}

/** The one line for an error. Anything unexpected shows its stack: it is a bug, and the stack is what helps. */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = ['CommandFault', 'SettingsError', 'EmbeddedPostgresError', 'MigrationLockError'];
  return expected.includes(error.name) ? error.message : (error.stack ?? error.message);
}
