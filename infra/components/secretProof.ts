import * as pulumi from "@pulumi/pulumi";
import { proofFailureMessage, proveSecret } from "../../core/secrets/secretProof";

export interface SecretProofArgs {
  /** The app's key in the settings, for messages. */
  app: string;
  tenantId: string;
  clientId: pulumi.Input<string>;
  /** Identifies the client secret: another one needs another proof. */
  keyId: pulumi.Input<string>;
  /** A Pulumi secret. */
  clientSecret: pulumi.Input<string>;
  /** Tokens to get in a row. */
  tokens: number;
  overSeconds: number;
  patienceSeconds: number;
}

interface ProofInputs {
  app: string;
  tenantId: string;
  clientId: string;
  keyId: string;
  clientSecret: string;
  tokens: number;
  overSeconds: number;
  patienceSeconds: number;
}

// Pulumi stores this object as source text with the resource, so all it needs is imported inside.
const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs: ProofInputs) {
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    const dispatcher = new EnvHttpProxyAgent();
    try {
      const result = await proveSecret(
        { tenantId: inputs.tenantId, clientId: inputs.clientId, clientSecret: inputs.clientSecret },
        inputs,
        {
          send: async ({ url, headers, body }) => {
            const response = await fetch(url, {
              method: "POST",
              headers,
              body,
              dispatcher,
              redirect: "manual",
              signal: AbortSignal.timeout(30_000),
            });
            return {
              status: response.status,
              body: await response.text(),
              retryAfter: response.headers.get("retry-after"),
            };
          },
          elapsed: () => performance.now(),
          sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
          now: () => new Date(),
        },
      );
      if (!result.proved) throw new Error(proofFailureMessage(inputs, result));
      return {
        id: inputs.keyId,
        outs: { keyId: inputs.keyId, provedAt: result.provedAt, tokens: result.tokens },
      };
    } finally {
      await dispatcher.close();
    }
  },
  // A new release, another plan or a moved clock proves nothing again: only another credential does.
  diff: (_id: string, olds: { keyId: string }, news: { keyId: string }) =>
    Promise.resolve({
      changes: olds.keyId !== news.keyId,
      replaces: olds.keyId === news.keyId ? [] : ["keyId"],
    }),
};

/**
 * Evidence that Entra accepts a client secret, taken once, before the secret is published. It stands between
 * the password and the vault: when the proof fails, nothing downstream happens.
 */
export class SecretProof extends pulumi.dynamic.Resource {
  /** ISO 8601. */
  declare readonly provedAt: pulumi.Output<string>;
  /** How many tokens were got in a row. */
  declare readonly tokens: pulumi.Output<number>;

  constructor(name: string, args: SecretProofArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { provedAt: undefined, ...args }, opts, "copilot-token", "SecretProof");
  }
}
