/** Kinds of credentials that the vault publishes, and that are rotated. */
export const publishedKinds = ["secret", "certificate"] as const;
export type PublishedKind = (typeof publishedKinds)[number];

/** What each is called. */
export const credentialNouns = {
  secret: "client secret",
  certificate: "certificate",
} as const satisfies Readonly<Record<PublishedKind, string>>;
export type CredentialNoun = (typeof credentialNouns)[PublishedKind];

/**
 * How consumers sign in as an app: by a client secret in the vault; by a certificate whose key is in the vault; without either, by what the app's federated
 * credentials trust; or as a managed identity that holds the permissions itself, without any app registration.
 */
export const credentialKinds = [...publishedKinds, "federated", "managedIdentity"] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** How consumers sign in as an app registration. */
export const AppCredentialKind = {
  secret: "secret",
  certificate: "certificate",
  federated: "federated",
} as const;
export type AppCredentialKind = (typeof AppCredentialKind)[keyof typeof AppCredentialKind];

/** The kind that was given; `secret` where none was, undefined for anything else. */
export function credentialKindOf(given: unknown): CredentialKind | undefined {
  return given === undefined ? "secret" : credentialKinds.find((kind) => kind === given);
}

/** Whether apps of this kind have a credential that the vault publishes. */
export function isPublishedKind(kind: CredentialKind): kind is PublishedKind {
  return publishedKinds.some((published) => published === kind);
}
