import { commandFix, fixLine, ownCommand, type Fix } from "../../../core/fix";
import { OperatorError } from "../../../core/errors";
import { UsageError } from "../command";
import { ageOf } from "../../../core/instant";

/**
 * Explains what a CLI lacked that did not get as far as running the program.
 *
 * @param text What the CLI wrote.
 * @returns undefined for a message that says enough itself.
 */
export function pulumiRefusal(text: string, stack: string, now: Date): OperatorError | undefined {
  return (
    lockRefusal(text, stack, now) ??
    stackRefusal(text, stack) ??
    languageRefusal(text) ??
    pluginRefusal(text) ??
    passphraseRefusal(text) ??
    signInRefusal(text)
  );
}

function lockRefusal(text: string, stack: string, now: Date): OperatorError | undefined {
  const isOurs = text.includes("the stack is currently locked by");
  if (!isOurs && !text.includes("Another update is currently in progress")) return undefined;
  const owners = [...text.matchAll(/created by (.+?) \(pid (\d+)\) at (\S+)/g)].map(([, who, pid, at]) => {
    const since = new Date(at ?? "");
    const age = Number.isNaN(since.getTime()) ? "" : `, ${ageOf(since, now)} old`;
    return `${who ?? ""} (pid ${pid ?? ""})${age}`;
  });
  return new OperatorError(
    "STACK_LOCKED",
    `Stack ${stack} is locked by ${owners.length > 0 ? [...new Set(owners)].join(" and ") : "another update"}. Wait for it to end. ` +
      fixLine(unlockFix(stack)),
  );
}

/** For the lock of a run that was killed. */
export function unlockFix(stack: string): Fix {
  const unlock = ownCommand("rotate", stack, "--unlock");
  return commandFix("stack.unlock", "If that run is over, lift the lock", unlock);
}

function stackRefusal(text: string, stack: string): OperatorError | undefined {
  if (!/no stack named .* found|no stack selected/i.test(text)) return undefined;
  return new UsageError(
    `There is no stack ${stack} in Pulumi's state backend. Nothing was changed. Choose another with --stack, log in ` +
      "to where it is (pulumi login), or make it: pulumi stack init, then pulumi up.",
    { code: "STACK_MISSING" },
  );
}

function languageRefusal(text: string): OperatorError | undefined {
  if (!/language plugin for .?nodejs|pulumi-language-nodejs/i.test(text)) return undefined;
  return new OperatorError(
    "PULUMI_LANGUAGE_HOST",
    "The Pulumi CLI found no pulumi-language-nodejs, which its installer puts beside it. Put that folder on PATH, or " +
      "reinstall the CLI: https://www.pulumi.com/docs/install/",
  );
}

function pluginRefusal(text: string): OperatorError | undefined {
  const named = /resource plugin 'pulumi-resource-([a-z][a-z0-9-]*)'[^\n]*? version v(\d+\.\d+\.\d+)/.exec(
    text,
  );
  if (named === null) return undefined;
  const [, name = "", version = ""] = named;
  const exact = `${name} v${version}`;
  return new OperatorError(
    "PULUMI_PLUGIN",
    `The resource plugin ${exact} is not installed and could not be downloaded. With access to ` +
      `github.com and get.pulumi.com: pulumi plugin install resource ${exact}. Else fetch it elsewhere and add --file.`,
  );
}

function passphraseRefusal(text: string): OperatorError | undefined {
  if (!/passphrase must be set|incorrect passphrase/i.test(text)) return undefined;
  return new OperatorError(
    "STATE_PASSPHRASE",
    "The passphrase of the stack's secrets is missing or wrong. " +
      "Set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the passphrase of the stack.",
  );
}

function signInRefusal(text: string): OperatorError | undefined {
  if (!/PULUMI_ACCESS_TOKEN must be set|not logged in|invalid access token/i.test(text)) return undefined;
  return new OperatorError(
    "PULUMI_LOGIN",
    "Pulumi is not signed in to where it keeps its state. Run pulumi login, or set PULUMI_BACKEND_URL and, for Pulumi Cloud, PULUMI_ACCESS_TOKEN.",
  );
}

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
