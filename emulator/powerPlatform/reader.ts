import { EmulationError } from "./value";

/** Reads an expression from left to right; both expression languages are read with it. */
export class Reader {
  #position: number;

  /** @param language Its name, for messages. */
  constructor(
    readonly text: string,
    private readonly language: string,
    start = 0,
  ) {
    this.#position = start;
  }

  /** Index of the next character. */
  get position(): number {
    return this.#position;
  }

  get atEnd(): boolean {
    this.#skipBlanks();
    return this.#position >= this.text.length;
  }

  /** Takes a piece of text if it comes next. */
  take(piece: string): boolean {
    this.#skipBlanks();
    if (!this.text.startsWith(piece, this.#position)) return false;
    this.#position += piece.length;
    return true;
  }

  /** Takes what a sticky regular expression matches next. */
  match(pattern: RegExp): string | undefined {
    this.#skipBlanks();
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = this.#position;
    const found = sticky.exec(this.text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  /** Takes a piece of text that must come next. */
  expect(piece: string): void {
    if (!this.take(piece)) this.fail(`expected ${piece}`);
  }

  /** A literal between two quotes, doubled inside. */
  quoted(quote: '"' | "'"): string | undefined {
    const literal = this.match(new RegExp(`${quote}(?:[^${quote}]|${quote}${quote})*${quote}`));
    return literal?.slice(1, -1).replaceAll(quote + quote, quote);
  }

  /** @throws {EmulationError} always. */
  fail(reason: string): never {
    throw new EmulationError(
      `${this.language}: ${reason} at character ${this.#position + 1} of ${this.text}`,
    );
  }

  #skipBlanks(): void {
    while (/\s/.test(this.text.charAt(this.#position))) this.#position += 1;
  }
}
