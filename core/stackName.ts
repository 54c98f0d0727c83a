/** A stack's name as Pulumi prints it: `dev`, `organisation/dev` or `organisation/project/dev`. */
export interface StackName {
  /** As it was given; the Pulumi CLI takes it so. */
  readonly full: string;
  /** The last part: names the stack file and what this project keeps of the stack on this machine. */
  readonly short: string;
  /** Absent where the name does not say it. */
  readonly project?: string;
}

/** For messages. */
export const stackNameRule =
  "A stack's name has letters, digits, '.', '_' and '-', at most 100, and before it, if at all, organisation/ or " +
  "organisation/project/.";

/** @returns undefined for a text that is no stack's name, such as a path. */
export function parseStackName(full: string): StackName | undefined {
  const parts = full.split("/");
  if (
    parts.length > 3 ||
    !parts.every((part) => /^[A-Za-z0-9._-]{1,100}$/.test(part) && !/^\.+$/.test(part))
  ) {
    return undefined;
  }
  const short = parts.at(-1) ?? full;
  const project = parts.length === 3 ? parts[1] : undefined;
  return { full, short, ...(project === undefined ? {} : { project }) };
}

/** The last part of a stack's name; of a text that is none, the text itself. */
export function shortStackName(full: string): string {
  return parseStackName(full)?.short ?? full;
}
