import { shellFlag } from "./sinks";

/**
 * `command`: the commands, pasted as they are, make the finding go; a test runs each in the condition that prints it.
 * `person`: only a person can do or decide it, such as a step in the portal. `wait`: it is transient.
 */
export type FixKind = "command" | "person" | "wait";

/**
 * Every fix that is suggested, by where and for what. test/fixes has a scenario for each `command`, and the reason why no
 * command would do for each other one.
 */
export const fixKinds = {
  "outputs.deploy": "command",
  "outputs.give": "person",
  "outputs.clear-pending": "command",
  "apis.refused": "person",
  "apis.open": "person",
  "apis.unavailable": "wait",
  "claims.clock": "person",
  "claims.interception": "person",
  "token.wrong-secret": "command",
  "token.signer": "person",
  "token.expired": "command",
  "token.app-gone": "command",
  "token.no-service-principal": "command",
  "token.no-trust": "command",
  "token.tenant": "person",
  "token.disabled": "person",
  "token.elsewhere": "person",
  "token.unknown": "person",
  "token.interception": "person",
  "secret.disabled": "command",
  "secret.not-a-secret": "command",
  "secret.expired": "command",
  "secret.older": "command",
  "secret.outputs-older": "command",
  "secret.other-app": "person",
  "secret.not-in-entra": "command",
  "secret.deleted": "command",
  "secret.never-made": "command",
  "secret.vault-gone": "command",
  "secret.role": "person",
  "secret.firewall": "person",
  "secret.private": "command",
  "secret.unreadable": "person",
  "credentials.unpublished": "command",
  "credentials.unexpected": "command",
  "credentials.unexpected-trust": "command",
  "credentials.no-trust": "command",
  "credentials.orphaned": "command",
  "credentials.orphaned-young": "wait",
  "permissions.not-granted": "command",
  "permissions.arriving": "wait",
  "permissions.extra": "person",
  "grants.restore": "command",
  "grants.extra": "person",
  "see.more": "person",
  "graph.interception": "person",
  "graph.permission": "person",
  "graph.unavailable": "wait",
  "expiry.rotate": "command",
  "rotation.due": "command",
  "rotation.retire": "command",
  "privilege.smaller": "person",
  "logic-app.restore": "command",
  "vault.restore": "command",
  "vault.permission-model": "person",
  "power-platform.provider": "command",
  "power-platform.services": "person",
  "power-platform.firewall": "person",
  "power-platform.restore": "command",
  "node.install": "person",
  "pulumi.install": "person",
  "provider.update": "person",
  "settings.init": "person",
  "settings.unread": "person",
  "details.export": "person",
  "settings.set": "command",
  "settings.edit": "person",
  "settings.delegated": "command",
  "network.ca": "person",
  "network.open": "person",
  "clock.set": "person",
  "identity.sign-in": "person",
  "identity.engine-settings": "command",
  "identity.one": "person",
  "access.narrow": "person",
  "github.protect": "person",
  "github.token": "person",
  "rights.graph": "person",
  "rights.azure": "command",
  "rights.custom-role": "person",
  "rights.subscription": "person",
  "see.other-check": "person",
  "provider.register": "command",
  "name.adopt": "command",
  "name.rename": "command",
  "name.mark": "person",
  "name.release": "command",
  "adopt.unreadable": "person",
  "adopt.grants-beyond": "person",
  "policy.lifetime": "command",
  "policy.no-secrets": "person",
  "policy.no-certificates": "person",
  "vault-name.restore": "command",
  "vault-name.recover": "command",
  "vault-name.other": "command",
  "firewall.add": "command",
  "firewall.elsewhere": "person",
  "readers.add": "person",
  "power-platform.dataverse": "command",
  "rotate.again": "command",
  "rotate.vault-gone": "command",
  "rotate.secret-deleted": "wait",
  "rotate.firewall": "person",
  "ownership.decide": "person",
  "ownership.other-stack": "person",
  "ownership.mark": "command",
  "rotate.right": "person",
  "rotate.untrusted": "person",
  "rotate.policy": "person",
  "rotate.own-secret": "person",
  "rotate.clock": "person",
  "run.already-exists": "command",
  "grants.removed-outside": "command",
  "grants.given-again": "command",
  "adopt.other-stack": "command",
  "adopt.before-mark": "command",
  "granter.remove": "command",
  "vault.in-use": "command",
  "outputs.write": "command",
  "rotate.retired-leak": "command",
  "destroy.unprotect": "command",
  "destroy.finish": "command",
  "destroyed.restore": "command",
  "destroyed.purge": "command",
  "destroyed.adopt": "command",
  "apis.service-principal": "command",
  "agent.expired": "command",
  "agent.no-role": "command",
  "agent.no-service-principal": "command",
  "stack.unlock": "command",
  "stack.deploy": "command",
} as const satisfies Readonly<Record<string, FixKind>>;

export type FixId = keyof typeof fixKinds;

/** IDs of one kind. */
export type FixIdOf<Kind extends FixKind> = {
  [Id in FixId]: (typeof fixKinds)[Id] extends Kind ? Id : never;
}[FixId];

/** What to do about a finding. */
export interface Fix {
  /** Stable, for tests and machines. */
  readonly id: FixId;
  readonly kind: FixKind;
  /** One or two sentences: why, or on which condition. */
  readonly text: string;
  /** To paste into a POSIX shell one after the other; empty unless `kind` is `command`. */
  readonly commands: readonly string[];
}

/** A fix that commands carry out. */
export function commandFix(id: FixIdOf<"command">, text: string, ...commands: readonly string[]): Fix {
  return { id, kind: "command", text, commands };
}

/** A fix that only a person can carry out or decide on. */
export function personFix(id: FixIdOf<"person">, text: string): Fix {
  return { id, kind: "person", text, commands: [] };
}

/** A transient finding: it ends without a change. */
export function waitFix(id: FixIdOf<"wait">, text: string): Fix {
  return { id, kind: "wait", text, commands: [] };
}

/** A fix in one line, its commands at the end, to paste together. */
export function fixLine({ text, commands }: Fix): string {
  if (commands.length === 0) return text;
  return text === "" ? commands.join(" && ") : `${text.replace(/\.$/, "")}: ${commands.join(" && ")}`;
}

/** A fix in lines, each command on one of its own below the text. */
export function listedFix({ text, commands }: Fix): string[] {
  return [text, ...commands.map((command) => `  ${command}`)];
}

/** Which stack a command is for; undefined leaves it to the one that is selected. */
export type StackName = string | undefined;

/** `pulumi up`, on the stack that the finding is about. */
export function upCommand(stack: StackName): string {
  return ["pulumi up", ...stackFlag(stack)].join(" ");
}

/** As {@link upCommand}, with a look at Azure first: for what was removed or changed outside of the stack. */
export function refreshCommand(stack: StackName): string {
  return ["pulumi up --refresh", ...stackFlag(stack)].join(" ");
}

/** Makes Pulumi forget what an interrupted run was creating: no run does, however it ends. */
export function clearPendingCommand(stack: StackName): string {
  return ["pulumi refresh --clear-pending-creates --yes", ...stackFlag(stack)].join(" ");
}

/** `npm run <name>`, on the stack that the finding is about. */
export function ownCommand(name: string, stack: StackName, ...flags: readonly string[]): string {
  const all = [...stackFlag(stack), ...flags];
  return [`npm run ${name}`, ...(all.length === 0 ? [] : ["--", ...all])].join(" ");
}

/** A command of the Pulumi CLI on a stack's settings, such as `setCommand` makes, on the stack that the finding is about. */
export function onStack(command: string, stack: StackName): string {
  return [command, ...stackFlag(stack)].join(" ");
}

/** Several fixes as one text: the first that suits. */
export function fixesText(fixes: readonly Fix[]): string {
  return fixes.map(fixLine).join("; or ");
}

function stackFlag(stack: StackName): string[] {
  return stack === undefined ? [] : [shellFlag("stack", stack)];
}
