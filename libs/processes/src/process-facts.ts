import { readFileSync, readlinkSync } from 'node:fs';

/** Whether a process with this id exists, ours or not. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** When the process began, in the system's own ticks; `null` where the system does not tell. With the pid it names one process for ever. */
export function startTicks(pid: number): string | null {
  return statFields(pid)?.[19] ?? null;
}

/** A dead child that nobody has waited for still has its pid. */
function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** Fields of Linux's `/proc/<pid>/stat` from the third on; the second may hold blanks and brackets. */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Whether the process works in that folder; `null` where the system does not tell. */
export function worksIn(pid: number, folder: string): boolean | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return null;
  }
}

/** The parent of a process; `null` where the system does not tell. */
export function parentOf(pid: number): number | null {
  const text = statFields(pid)?.[1];
  return text === undefined ? null : Number.parseInt(text, 10);
}
