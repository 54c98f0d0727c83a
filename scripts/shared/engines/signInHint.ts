/**
 * What to do about a refused sign-in by federation, which during a run may be the deployer's own or the granter's.
 *
 * @param message The provider's message.
 * @returns undefined for another failure.
 */
export function signInHint(message: string): string | undefined {
  if (!/AADSTS70021[123]?\b/.test(message)) return undefined;
  return (
    "The identity that was to sign in does not trust this job: compare repository and environment, including upper and lower case, with " +
    "the bootstrap's settings. A separate granter (copilot-token:granter) signs in at every pulumi up and every destroy, whether " +
    "it has to grant or not; npm run rotate does without, once an up has published the granter among the stack's outputs."
  );
}
