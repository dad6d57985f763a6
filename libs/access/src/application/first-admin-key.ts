import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { IdSource, UuidV7Source } from '#libs/kernel';
import { SCOPES } from '#libs/http';
import { idOfToken, makeToken } from './api-key.js';
import { ApiKeysService } from './api-keys.service.js';

const FILE_NAME = 'admin-key';
const OWNER_ONLY = 0o600;

export interface FirstAdminKeyResult {
  /** Path of the file that holds the key. */
  readonly file: string;
  /** Whether the key was made now. */
  readonly created: boolean;
}

/**
 * The key with which everything begins. The file is written before the row, so that whatever moment the process is killed at,
 * the next start finds either no file, or a whole one whose row can be made from it.
 */
@Injectable()
export class FirstAdminKey {
  constructor(
    @Inject(ApiKeysService) private readonly keys: ApiKeysService,
    @Optional() @Inject(IdSource) private readonly ids: IdSource = new UuidV7Source(),
  ) {}

  /**
   * Makes `<state folder>/admin-key` and its row, or whichever of them is missing. A key that was revoked stays revoked.
   * @throws {Error} when the file does not hold a key, or the folder cannot be written; the message names the file.
   */
  async ensure(stateFolder: string): Promise<FirstAdminKeyResult> {
    const file = path.join(stateFolder, FILE_NAME);
    const found = await readToken(file);
    const token = found ?? (await writeToken(file, makeToken(this.ids.uuid())));
    const id = idOfToken(token);
    if (id === null) throw new Error(`${file} does not hold an API key; remove it to have a new one made`);
    if (!(await this.keys.exists(id))) {
      const all = { name: 'first admin key', scopes: [...SCOPES], accounts: null, allowedAddresses: [], expiresAtMs: null };
      await this.keys.add(id, token, all, 'system', null);
    }
    return { file, created: found === null };
  }
}

async function readToken(file: string): Promise<string | null> {
  try {
    const text = await readFile(file, 'utf8');
    await chmod(file, OWNER_ONLY);
    return text.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${file} cannot be read`, { cause: error });
  }
}

/** Complete or not there at all, also after a power cut: written aside, flushed, renamed, and the folder flushed. */
async function writeToken(file: string, token: string): Promise<string> {
  const folder = path.dirname(file);
  const draft = `${file}.${process.pid}.new`;
  await mkdir(folder, { recursive: true });
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await flushFolder(folder);
  return token;
}

/** Not every system can flush a folder; where it cannot, the rename is as durable as it gets. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
