import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";

interface ConsentArgs {
  readonly principalObjectId: pulumi.Input<string>;
  readonly graphObjectId: string;
  readonly appRoleId: string;
}

/** Its child has no provider of its own, and takes the component's. */
class Consent extends pulumi.ComponentResource {
  constructor(name: string, args: ConsentArgs, opts: pulumi.ComponentResourceOptions) {
    super("test:index:Consent", name, {}, opts);
    const { principalObjectId, graphObjectId, appRoleId } = args;
    new azuread.AppRoleAssignment(
      `${name}-role`,
      { principalObjectId, resourceObjectId: graphObjectId, appRoleId },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

// An app that the default provider makes, and a consent that another identity gives, where the configuration names one.
export = () => {
  const config = new pulumi.Config("test");
  const granterClientId = config.get("granter");
  const application = new azuread.Application("app", { displayName: "Granted" });
  const principal = new azuread.ServicePrincipal("sp", { clientId: application.clientId });
  if (granterClientId !== undefined) {
    const granter = new azuread.Provider("granter", {
      clientId: granterClientId === "the app itself" ? application.clientId : granterClientId,
      tenantId: config.require("tenant"),
      useOidc: true,
      ...config.getObject<azuread.ProviderArgs>("more"),
    });
    const args = {
      principalObjectId: principal.objectId,
      graphObjectId: config.require("graph"),
      appRoleId: config.require("role"),
    };
    new Consent("consent", args, { provider: granter });
  }
  return { clientId: application.clientId };
};
