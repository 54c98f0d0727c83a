/** Something that the user of the emulator can fix: a port in use, a damaged state file, a missing variable. */
export class EmulatorError extends Error {
  /** Its message is for the reader, without a stack. */
  readonly isForReader = true;

  /**
   * @param code Stable, for tests and machines, such as `PORT_IN_USE`.
   * @param message What was given, why it cannot work, what to do. Never a secret or a token.
   * @param options `cause` keeps the origin.
   */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "EmulatorError";
  }
}
