/** Something that the person at the terminal can do something about: shown as one line, without a stack. */
export class Fault extends Error {}
