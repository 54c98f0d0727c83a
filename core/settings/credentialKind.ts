/**
 * How consumers sign in as an app: by a client secret in the vault; without one, by what the app's federated
 * credentials trust; or as a managed identity that holds the permissions itself, without any app registration.
 */
export const credentialKinds = ["secret", "federated", "managedIdentity"] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** The kind that was given; `secret` where none was, undefined for anything else. */
export function credentialKindOf(given: unknown): CredentialKind | undefined {
  return given === undefined ? "secret" : credentialKinds.find((kind) => kind === given);
}
