const prefix = "copilot-token ";

/** Pulumi name of an app's client secret, its proof and nothing else: `CopilotAPIAuth-7`. */
export function credentialResourceName(app: string, sequence: number): string {
  return `${app}-${sequence}`;
}

/** The name Entra shows for a client secret that this project made; only such are ever removed as spent. */
export function credentialDisplayName(app: string, sequence: number): string {
  return prefix + credentialResourceName(app, sequence);
}

/**
 * The sequence number in a credential's display name.
 *
 * @returns undefined when this project did not make the credential for this app.
 */
export function readCredentialSequence(app: string, displayName: string | null): number | undefined {
  const start = `${prefix}${app}-`;
  if (displayName?.startsWith(start) !== true) return undefined;
  const digits = displayName.slice(start.length);
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : undefined;
}
