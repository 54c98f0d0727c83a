import { option, repeatable, toggle, type Command } from "../shared/command";
import { defaultFolder } from "./defaultFolder";

/** `npm run copilot`. */
export const copilotCommand: Command = {
  name: "copilot",
  summary: "Writes topics, flows and a solution to import into Copilot Studio, for each app of the stack.",
  flags: {
    out: option("DIR", `output folder, with a subfolder for each app (default: ${defaultFolder})`),
    app: repeatable("NAME", "only this app; may be repeated"),
    outputs: option("FILE", "the stack's outputs as JSON, or - for standard input"),
    stack: option("NAME", "the stack whose outputs to read with the Pulumi CLI"),
    prefix: option("PREFIX", "customization prefix of the publisher (default: cptoken)"),
    publisher: option("NAME", "unique name of the publisher (default: derived from the prefix)"),
    "environment-id": option("ID", "the Power Platform environment"),
    agent: repeatable("SCHEMA_NAME", "an agent that gets the topics; may be repeated"),
    "new-agent": option("NAME", "creates an agent of this name with the topics"),
    direct: toggle("the token topic calls Entra itself, without a flow"),
    "return-token": toggle("passes the token to the conversation; see docs/copilot-studio.md"),
    "graph-request": option("PATH", "path that the graph-call flow reads, starting with /v1.0/"),
    "graph-field": option("NAME", "property that the flow returns (default: displayName)"),
    "api-request": repeatable(
      '"API URL FIELD"',
      "a read of another API: its name or ID, an https URL of it, the property to return; may be repeated",
    ),
    request: repeatable(
      "NAME",
      "a request of docs/copilot-studio.md that the agent can make; may be repeated (default: the harmless ones)",
    ),
    mailbox: option("ADDRESS", "the mailbox of the requests for mail"),
    classic: toggle("the agents use classic orchestration: topics alone, no tools"),
    "cloud-flow": toggle("flows use a Power Automate license, not Copilot Studio capacity"),
    "connection-id": option("ID", "the Dataverse connection, for deployment settings"),
    "variable-roots": toggle("also lists environment variables as root components"),
    "tenant-id": option("GUID", "without a stack: the tenant"),
    "client-id": option("GUID", "without a stack: the app"),
    "secret-id": option("ARM_ID", "without a stack: the vault secret"),
    permission: repeatable("NAME", "without a stack: a Microsoft Graph permission of the app"),
    connect: toggle(
      "writes nothing; reads how an imported connector signs in, and prints the commands that take it into the stack",
    ),
    try: toggle("writes nothing; runs the conversations of a sample app in an emulated tenant"),
  },
  notes: [
    "Outputs are read from --outputs, else from a pipe, else with the Pulumi CLI, else from .copilot-token/outputs.json,",
    "which the inline engine writes, and which npm run local -- --keep provides while it runs.",
    "The files contain no secret. Exit code: 0 written, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runCopilot.js")).runCopilot(flags, world),
};
