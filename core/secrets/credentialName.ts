const prefix = "copilot-token ";

/**
 * The name that Entra shows for a client secret of this program. It ends with the stack's ID: a client secret has no
 * tags, and nothing else of it can be written.
 */
export function credentialDisplayName(app: string, sequence: number, stackId: string): string {
  return `${prefix}${app}-${sequence} ${stackId}`;
}

/** What a client secret's display name says. It is no evidence, since anyone can write it. */
export interface CredentialName {
  readonly sequence: number;
  /** Undefined for a client secret from before the mark of ownership. */
  readonly stackId?: string;
}

/**
 * Reads a client secret's display name.
 *
 * @returns undefined when this program did not name it for this app.
 */
export function readCredentialName(app: string, displayName: string | null): CredentialName | undefined {
  const start = `${prefix}${app}-`;
  if (displayName?.startsWith(start) !== true) return undefined;
  const match = /^([1-9]\d*)(?: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?$/i.exec(
    displayName.slice(start.length),
  );
  if (match === null) return undefined;
  const [, sequence, stackId] = match;
  return { sequence: Number(sequence), ...(stackId === undefined ? {} : { stackId }) };
}

/**
 * Whether a client secret bears this stack's mark.
 *
 * @param stackId Undefined for a stack that has no ID yet.
 */
export function isNamedOurs(name: CredentialName | undefined, stackId: string | undefined): boolean {
  return name?.stackId !== undefined && name.stackId.toLowerCase() === stackId?.toLowerCase();
}

/** Whether this program made a client secret, for whichever app, in another stack or before the mark. */
export function isNamedByOther(displayName: string | null, stackId: string | undefined): boolean {
  if (displayName?.startsWith(prefix) !== true) return false;
  return stackId === undefined || !displayName.toLowerCase().endsWith(` ${stackId.toLowerCase()}`);
}
