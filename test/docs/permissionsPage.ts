import { directoryRoles } from "../../core/access/directoryRoles";
import {
  identityKeys,
  isCustomRole,
  rights,
  rightsOf,
  type Arrangement,
  type AzureRight,
  type GraphRight,
  type IdentityKey,
  type Right,
  type RightScope,
} from "../../core/access/rights";

/** docs/permissions.md: what each identity needs, from the table that the bootstrap and doctor use. */
export function permissionsPage(): string {
  return [
    introduction,
    ...identityKeys.flatMap(identityText),
    ...delegatedText(),
    ...certificatesText(),
    remarks,
  ].join("\n\n");
}

/** What consent for users adds. */
function delegatedText(): string[] {
  return [
    "## With delegated permissions",
    "An app with [`delegated`](signed-in-user.md) needs one more right, because consent for users is a grant of its own in Microsoft Graph. " +
      "The bootstrap gives it if its setting `delegated` is true.",
    ...addedRights({ delegated: true }),
  ];
}

function addedRights(arrangement: Arrangement): string[] {
  return identityKeys.flatMap((identity) => {
    const added = rightsOf(identity, arrangement).filter((right) => !rights[identity].includes(right));
    return added.length === 0 ? [] : [`The ${identity}:`, added.map(rightText).join("\n")];
  });
}

/** What certificates add, and what they change of the rights above. */
function certificatesText(): string[] {
  return [
    "## With certificates",
    "An app with [`credential: certificate`](certificates.md) needs more, because Key Vault makes certificates and signs only through the vault itself. " +
      "The bootstrap gives it if its setting `certificates` is true.",
    ...addedRights({ certificates: true }),
  ];
}

const introduction = `# Permissions of each identity

<!-- Generated from core/access/rights.ts. To update it: npx vitest run test/docs -u -->

Four kinds of identities work on a stack. Each signs in for itself and needs only what is listed here.
[infra/bootstrap](identities.md) creates them, without a secret. If one person runs everything, that person needs the roles under "A person".

\`npm run doctor -- --for rotator\` (or \`deployer\`, \`granter\`, \`verifier\`) checks the signed-in identity before the first run.
In the emulated tenant, tests take each of these permissions away in turn: the command that needs it fails and names it.`;

const remarks = `## Why these, and what they allow

- \`AppRoleAssignment.ReadWrite.All\` lets its holder grant itself any permission in the tenant. Give it only to an identity that signs in without
  a secret and that works for this stack only. Or give it to a separate granter: then a compromised deployer can create apps but not grant
  them permissions. See [identities](identities.md#deployer-and-granter).
- Application Administrator is not enough for admin consent to application permissions of Microsoft Graph.
- A deployer or rotator that holds \`Application.ReadWrite.OwnedBy\` can change only apps that it owns. List it in the setting
  [\`owners\`](settings.md#owners).
- The deployer's right to assign roles has a condition: it can assign Key Vault Secrets User and no other role. With certificates it can
  also assign Key Vault Crypto User, within its scope: give it a resource group instead of the subscription if that holds other vaults.
- A person with Global Administrator can do everything that a directory role here allows. The project never asks for it.`;

const identities: Readonly<Record<IdentityKey, string>> = {
  deployer: "The deployer runs `pulumi up`.",
  granter: "The granter gives admin consent, where that is separate from deployment. It is optional.",
  rotator: "The rotator runs `npm run rotate`.",
  verifier: "The verifier runs `npm run verify`, with the stack's outputs as a file.",
};

const scopes: Readonly<Record<RightScope, string>> = {
  stack: "the subscription, or the bootstrap's `scopes`",
  vault: "the stack's vault",
  stateContainer: "the state's blob container",
  stateKey: "the state's key",
};

function identityText(identity: IdentityKey): string[] {
  const title = `${identity.slice(0, 1).toUpperCase()}${identity.slice(1)}`;
  return [`## ${title}`, identities[identity], rights[identity].map(rightText).join("\n")];
}

function rightText(right: Right): string {
  return [
    `- To ${right.purpose}:`,
    `  - A service principal: ${needOf(right)}, on ${placeOf(right)}.`,
    `  - A person: ${personOf(right)}.`,
  ].join("\n");
}

function needOf(right: Right): string {
  if (right.kind === "graph") return `Microsoft Graph \`${right.permission}\``;
  if (right.kind === "ownership") return "owner, through the setting `owners`";
  const { role, mayAssign, byReaders } = right;
  if (isCustomRole(role)) {
    return `the custom role _${role.name}_ (${[...role.actions, ...role.dataActions].map((action) => `\`${action}\``).join(", ")})`;
  }
  if (mayAssign !== undefined) {
    return `${role.name}, with a condition that allows only ${mayAssign.map(({ name }) => name).join(", ")}`;
  }
  return byReaders === true ? `${role.name}, through the setting \`vault.readers\`` : role.name;
}

function placeOf(right: Right): string {
  if (right.kind === "azure") return scopes[right.scope];
  return right.kind === "graph" ? "the tenant" : "each app and its service principal";
}

function personOf(right: Right): string {
  if (right.kind === "ownership") return "nothing, if an Application Administrator";
  return right.kind === "graph" ? directoryRolesOf(right) : roleOf(right);
}

/** Global Administrator is enough for everything, and too much to ask for. */
function directoryRolesOf({ asUser, notEnough }: GraphRight): string {
  const enough = asUser
    .filter((role) => role !== directoryRoles.globalAdministrator)
    .map(({ name }) => name)
    .join(", or ");
  return notEnough === undefined ? enough : `${enough}. **${notEnough.name} is not enough**`;
}

function roleOf({ asUser, role }: AzureRight): string {
  const names = asUser?.map(({ name }) => name) ?? [role.name];
  return names.join() === role.name ? "the same role" : new Intl.ListFormat("en").format(names);
}
