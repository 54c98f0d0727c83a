import { hasSecret, type AppOutputs, type SecretAppOutputs } from "../../core/outputs/stackOutputs";

/**
 * An app of a stack's outputs as one that has a client secret, for tests that are about it.
 *
 * @throws when the outputs name no such app, or one without a client secret.
 */
export function secretApp(app: AppOutputs | undefined): SecretAppOutputs {
  if (app === undefined) throw new Error("the outputs name no such app");
  if (!hasSecret(app)) throw new Error(`${app.displayName} has no client secret`);
  return app;
}
