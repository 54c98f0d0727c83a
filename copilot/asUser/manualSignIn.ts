import { setCommand } from "../../core/settings/settingsFaults";
import { table } from "../readme/markdown";
import type { UserApp } from "../settings";

/** What Copilot Studio's page asks for, field by field. */
export function manualSignInFields(app: UserApp): (readonly [field: string, value: string])[] {
  const scopes = [...new Set(["openid", "profile", ...app.delegated])].join(" ");
  return [
    ["Service provider", `Microsoft Entra ID V2 with ${providers[app.agentCredential]}`],
    ["Client ID", `\`${app.clientId}\``],
    ...credentialFields(app),
    [
      "Token exchange URL",
      app.tokenExchangeUrl === undefined
        ? "Leave it empty; the setting `userSignIn.teamsAppId` makes one, for single sign-on in Teams"
        : `\`${app.tokenExchangeUrl}\``,
    ],
    ["Tenant ID", `\`${app.tenantId}\``],
    ["Login URL", "Leave it empty"],
    ["Scopes", `\`${scopes}\``],
    ["Require users to sign in", "On"],
  ];
}

const providers = {
  federated: "federated credentials",
  secret: "client secrets",
  certificate: "certificates",
} as const;

function credentialFields({ agentCredential, certificateUrl }: UserApp): (readonly [string, string])[] {
  if (agentCredential === "secret") {
    return [
      [
        "Client secret",
        "The value of the app's secret in the vault. Type it again after each rotation; the previous one stays valid for weeks.",
      ],
    ];
  }
  return agentCredential === "certificate"
    ? [["Certificate Key Vault URL", certificateUrl === undefined ? "" : `\`${certificateUrl}\``]]
    : [];
}

/** The one line that takes what the page shows into the stack. */
export function takeInCommand({ name }: Pick<UserApp, "name">): string {
  return [
    setCommand(["apps", name, "agentSignIn", "issuer"], "<Federated credential issuer>"),
    setCommand(["apps", name, "agentSignIn", "subject"], "<Federated credential value>"),
    "pulumi up",
  ].join(" && ");
}

/** The README's section about it. */
export function manualSignInSection(app: UserApp): string {
  const after =
    app.agentCredential === "federated"
      ? `Save. The page then shows **Federated credential issuer** and **Federated credential value**. Put both into the stack, exactly as shown (case matters):

    ${takeInCommand(app)}

An agent in another environment shows other values, and an app takes one agent: give each environment a stack or an app of its own.`
      : "Save.";
  return `## Authenticate manually

In Copilot Studio, open the agent, **Settings**, **Security**, **Authentication**, **Authenticate manually**:

${table(["Field", "Value"], manualSignInFields(app))}

${after}

The page's **Redirect URL** must be one of the app's: add its region to \`userSignIn.regions\` if it is not. Then **Publish** the agent; before that, nothing of this counts.

If the choice is not offered or an agent stops answering, the tenant may forbid manual authentication: Power Platform admin center, **Security**, **Identity and access**, **Authentication for agents**.`;
}
