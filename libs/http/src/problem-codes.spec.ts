import { readFileSync } from 'node:fs';
import { VENUE_ERROR_CODES } from '#libs/exchanges/contract';
import { describe, expect, it } from 'vitest';
import { PROBLEM_CODES, PROBLEMS, problemType } from './problem-codes.js';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const headings = [...page.matchAll(/^## (\S+)$/gm)].map((match) => match[1]);

describe('the problem codes', () => {
  it('have a heading each in docs/errors.md, and nothing else has', () => {
    expect([...headings].sort()).toEqual([...PROBLEM_CODES].sort());
  });

  it.each(PROBLEM_CODES)('%s is explained there with its status and title', (code) => {
    const section = page.slice(page.indexOf(`## ${code}\n`)).split('\n## ')[0];
    expect(section).toContain(`**${PROBLEMS[code].status}** ${PROBLEMS[code].title}`);
  });

  it('hold every code of a venue error under the same word', () => {
    expect(PROBLEM_CODES).toEqual(expect.arrayContaining([...VENUE_ERROR_CODES]));
  });

  it.each(PROBLEM_CODES)('%s is kebab-case, an error status, and one line without a full stop', (code) => {
    const { status, title } = PROBLEMS[code];
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z][^\n.]*$/);
    expect(problemType(code)).toBe(`urn:breakwater:problem:${code}`);
  });
});
