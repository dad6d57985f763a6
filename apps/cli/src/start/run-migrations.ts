import { migrateUp, pendingMigrations, withMigrations } from '#libs/database';

/** Applies what is pending. @returns for people: what was done. */
export async function runMigrations(ownerUrl: string): Promise<string> {
  return withMigrations(ownerUrl, async (dataSource) => {
    if ((await pendingMigrations(dataSource)).length === 0) return 'up to date';
    const applied = await migrateUp(dataSource);
    return applied.length === 0 ? 'up to date' : `${applied.length} applied`;
  });
}
