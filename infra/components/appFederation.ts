import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";

export interface AppFederationArgs {
  /** Graph's resource path, `/applications/{objectId}`. */
  applicationId: pulumi.Input<string>;
  /** Tokens of other issuers that sign in as the app. */
  credentials: AppCredential[];
}

/** A federated credential of an app; the subject may be an identity that is yet to be made. */
export interface AppCredential {
  /** Display name of the credential. Plain: it names the resource. */
  readonly name: string;
  /** Issuer of the tokens, an `https:` address. */
  readonly issuer: pulumi.Input<string>;
  /** `sub` of the tokens. */
  readonly subject: pulumi.Input<string>;
  /** `aud` of the tokens. */
  readonly audience: string;
}

/** Federated credentials of an app: tokens of other issuers sign in as it, without a client secret. */
export class AppFederation extends pulumi.ComponentResource {
  constructor(name: string, args: AppFederationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:AppFederation", name, {}, opts);
    // Graph refuses two writes to one application at the same time, so each waits for the one before.
    let before: pulumi.Resource[] = [];
    for (const { name: credentialName, issuer, subject, audience } of args.credentials) {
      const credential = new azuread.ApplicationFederatedIdentityCredential(
        `${name}-${credentialName}`,
        {
          applicationId: args.applicationId,
          displayName: credentialName,
          issuer,
          subject,
          audiences: [audience],
        },
        { parent: this, dependsOn: before },
      );
      before = [credential];
    }
    this.registerOutputs({});
  }
}
