import { seededRandom } from '../../faults/index.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 22;

/** Client order ids for requests that bring none, repeatable for a seed. */
export class ClientIds {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed ^ 0xc11e);
  }

  next(): string {
    let text = '';
    for (let i = 0; i < LENGTH; i += 1) text += ALPHABET[Math.floor(this.random() * ALPHABET.length)];
    return text;
  }
}
