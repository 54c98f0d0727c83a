import type { Command } from "../shared/command";
import { defaultFolder } from "./defaultFolder";

/** `npm run copilot`. */
export const copilotCommand: Command = {
  name: "copilot",
  summary: "Writes topics, flows and a solution to import into Copilot Studio, for each app of the stack.",
  flags: {
    out: {
      type: "string",
      value: "DIR",
      help: `output folder, with a subfolder for each app (default: ${defaultFolder})`,
    },
    app: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "only this app; may be repeated",
    },
    outputs: { type: "string", value: "FILE", help: "the stack's outputs as JSON, or - for standard input" },
    stack: { type: "string", value: "NAME", help: "the stack whose outputs to read with the Pulumi CLI" },
    prefix: {
      type: "string",
      value: "PREFIX",
      help: "customization prefix of the publisher (default: cptoken)",
    },
    publisher: {
      type: "string",
      value: "NAME",
      help: "unique name of the publisher (default: derived from the prefix)",
    },
    "environment-id": { type: "string", value: "ID", help: "the Power Platform environment" },
    agent: {
      type: "string",
      multiple: true,
      value: "SCHEMA_NAME",
      help: "an agent that gets the topics; may be repeated",
    },
    "new-agent": { type: "string", value: "NAME", help: "creates an agent of this name with the topics" },
    direct: { type: "boolean", help: "the token topic calls Entra itself, without a flow" },
    "return-token": {
      type: "boolean",
      help: "passes the token to the conversation; see docs/copilot-studio.md",
    },
    "graph-request": {
      type: "string",
      value: "PATH",
      help: "path that the graph-call flow reads, starting with /v1.0/",
    },
    "graph-field": {
      type: "string",
      value: "NAME",
      help: "property that the flow returns (default: displayName)",
    },
    "api-request": {
      type: "string",
      multiple: true,
      value: '"API URL FIELD"',
      help: "a read of another API: its name or ID, an https URL of it, the property to return; may be repeated",
    },
    request: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "a request of docs/copilot-studio.md that the agent can make; may be repeated (default: the harmless ones)",
    },
    mailbox: { type: "string", value: "ADDRESS", help: "the mailbox of the requests for mail" },
    classic: { type: "boolean", help: "the agents use classic orchestration: topics alone, no tools" },
    "cloud-flow": {
      type: "boolean",
      help: "flows use a Power Automate license, not Copilot Studio capacity",
    },
    "connection-id": {
      type: "string",
      value: "ID",
      help: "the Dataverse connection, for deployment settings",
    },
    "variable-roots": { type: "boolean", help: "also lists environment variables as root components" },
    "tenant-id": { type: "string", value: "GUID", help: "without a stack: the tenant" },
    "client-id": { type: "string", value: "GUID", help: "without a stack: the app" },
    "secret-id": { type: "string", value: "ARM_ID", help: "without a stack: the vault secret" },
    permission: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "without a stack: a Microsoft Graph permission of the app",
    },
    connect: {
      type: "boolean",
      help: "writes nothing; reads how an imported connector signs in, and prints the commands that take it into the stack",
    },
    try: {
      type: "boolean",
      help: "writes nothing; runs the conversations of a sample app in an emulated tenant",
    },
  },
  notes: [
    "Outputs are read from --outputs, else from a pipe, else with the Pulumi CLI, else from .copilot-token/outputs.json,",
    "which the inline engine writes, and which npm run local -- --keep provides while it runs.",
    "The files contain no secret. Exit code: 0 written, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runCopilot.js")).runCopilot(flags, world),
};
