import { CloudName } from "../../core/cloud/clouds";
import { instantExample } from "../../core/instant";
import { option, repeatable, toggle, type Command } from "../shared/command";
import { subjectForms } from "./subjectForms";

/** `npm run tenant`. */
export const tenantCommand: Command = {
  name: "tenant",
  summary:
    "Serves the emulated tenant on this machine to the Pulumi CLI, az, Azure SDKs and other HTTPS clients.",
  flags: {
    exec: option("COMMAND", "runs one command in the tenant's environment, then exits"),
    as: option("WHO", "the identity that the environment signs in as; see below (default: deployer)"),
    "client-id": option(
      "GUID",
      "the application or managed identity that a workload or GitHub job signs in as",
    ),
    cloud: option(
      "CLOUD",
      `the cloud of a new tenant: ${Object.keys(CloudName).join(", ")} (default: public)`,
    ),
    state: option("FILE", "stores the tenant in a file between runs"),
    port: option("PORT", "loopback port (default: any free port)"),
    log: toggle("prints each request: method, path, status, caller"),
    fault: option("PLAN", "fault plan, as JSON or a path to a JSON file; see docs/emulator.md"),
    clock: option("INSTANT", `the tenant's start time, such as ${instantExample}`),
    allow: repeatable("HOST", "allows requests to a real host, such as a plugin server; may be repeated"),
  },
  notes: [
    "--as deployer        a service principal with the deployer's permissions (docs/permissions.md), with a client secret",
    "--as administrator   the identity that runs infra/bootstrap: all apps, consent, Owner; with a client secret",
    "--as verifier        a service principal without permissions of its own, with a client secret",
    "--as workload        code in Azure with the stack's managed identities: IDENTITY_ENDPOINT, no secret.",
    "                     Like App Service, it does not choose an identity: --client-id sets AZURE_CLIENT_ID.",
    "--as SUBJECT         a GitHub Actions job that signs in with GitHub's OIDC token, by the token's subject:",
    ...subjectForms.map((form) => `                     ${form}`),
    "                     --client-id sets ARM_CLIENT_ID. ARM_USE_OIDC and GitHub's own variables are set too.",
    "",
    "Requests to other hosts are refused, so nothing reaches real Azure by accident.",
    "Exit code: that of the --exec command; otherwise 0, or 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runTenant.js")).runTenant(flags, world),
};
