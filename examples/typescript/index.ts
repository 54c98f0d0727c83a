import * as pulumi from "@pulumi/pulumi";
import { GraphApp } from "copilot-token";

const config = new pulumi.Config();

const app = new GraphApp("CopilotAPIAuth", {
  permissions: ["User.Read.All"],
  vault: { id: config.require("vaultId") },
  rotation: { everyDays: 60 },
  readers: [{ id: config.require("readerObjectId"), type: "ServicePrincipal" }],
});

export const clientId = app.clientId;
export const secretUri = app.secretUri;
// For npx copilot-token verify, rotate and copilot.
export const copilotToken = app.details;
