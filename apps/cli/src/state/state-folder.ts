import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { CommandFault } from './command-fault.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'there is a file in its place',
  ENOENT: 'the path cannot be made',
};

/** What lies where in the state folder. Everything in it is private to its user. */
export class StateFolder {
  readonly lockFile: string;
  readonly postgresFolder: string;
  readonly databaseUrlFile: string;
  readonly adminKeyFile: string;
  private readonly instanceIdFile: string;

  /**
   * Makes the folder where it is missing, and sees that it can be written.
   * @throws {CommandFault} naming BREAKWATER_HOME.
   */
  constructor(readonly home: string) {
    this.lockFile = path.join(home, 'lock');
    this.postgresFolder = path.join(home, 'postgres');
    this.databaseUrlFile = path.join(home, 'database-url');
    this.adminKeyFile = path.join(home, 'admin-key');
    this.instanceIdFile = path.join(home, 'instance-id');
    const probe = path.join(home, `.probe-${process.pid}`);
    try {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      writeFileSync(probe, '');
      rmSync(probe);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      throw new CommandFault(`BREAKWATER_HOME: cannot write to the state folder ${home}: ${REASONS[code] ?? code}`);
    }
  }

  /** The owner's address for people and tools: `psql "$(cat …/database-url)"`. */
  writeDatabaseUrl(url: string): void {
    writePrivately(this.databaseUrlFile, `${url}\n`);
  }

  /** The port of the last run, so that an open `psql` finds the database again; 0 where there was none. */
  lastDatabasePort(): number {
    try {
      return Number.parseInt(new URL(readFileSync(this.databaseUrlFile, 'utf8').trim()).port, 10) || 0;
    } catch {
      return 0;
    }
  }

  /** The name under which the gateway of this folder comes back after a restart; made once. Only for the holder of the folder's lock. */
  instanceId(): string {
    const known = existsSync(this.instanceIdFile) ? readFileSync(this.instanceIdFile, 'utf8').trim() : '';
    if (known !== '') return known;
    const made = randomUUID();
    writePrivately(this.instanceIdFile, made);
    return made;
  }

  /** Password of the gateway's database role; made once. */
  appRolePassword(): string {
    const file = path.join(this.postgresFolder, 'app.password');
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      const password = randomBytes(24).toString('base64url');
      writePrivately(file, password);
      return password;
    }
  }
}

/** Mode 0600 from the first byte on, and never half a file. */
function writePrivately(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
