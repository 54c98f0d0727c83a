import { clouds } from "../../../core/cloud/clouds";
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { logicAppDefinition } from "../../../core/agent/logicAppDefinition";

const identity =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const definition = z
  .object({
    parameters: z.object({}).loose(),
    triggers: z.record(z.string(), z.object({}).loose()),
    actions: z.record(z.string(), z.object({ type: z.string() }).loose()),
  })
  .loose()
  .parse(
    logicAppDefinition(
      clouds.public,
      [
        { name: "people", path: "/v1.0/users?$top=5", field: "displayName" },
        { name: "sites", path: "/v1.0/sites/root", field: "name" },
      ],
      identity,
    ),
  );

describe("logicAppDefinition", () => {
  it("hides inputs and outputs of its trigger and of every action where the platform allows it", () => {
    const secured = (part: unknown): unknown =>
      z
        .object({ runtimeConfiguration: z.object({ secureData: z.object({ properties: z.unknown() }) }) })
        .safeParse(part).data?.runtimeConfiguration.secureData.properties;
    // What reads hidden outputs is hidden with them, so Parse JSON needs no setting of its own there.
    const readsHidden = (action: { readonly type: string; readonly inputs?: unknown }): boolean =>
      action.type === "ParseJson" &&
      [...JSON.stringify(action.inputs).matchAll(/body\('([^']+)'\)/g)].some(([, source = ""]) =>
        JSON.stringify(secured(definition.actions[source]) ?? []).includes("outputs"),
      );
    const inputsOnly = ["ParseJson", "Response"];
    expect(Object.values(definition.triggers).map(secured)).toEqual([["inputs", "outputs"]]);
    for (const [name, action] of Object.entries(definition.actions)) {
      if (secured(action) === undefined && readsHidden(action)) continue;
      const expected = inputsOnly.includes(action.type) ? ["inputs"] : ["inputs", "outputs"];
      expect(secured(action), name).toEqual(expected);
    }
  });

  it("signs in only by its identity, with one stated retry policy", () => {
    const calls = Object.values(definition.actions).filter(({ type }) => type === "Http");
    expect(calls.map(({ inputs }) => inputs)).toEqual([
      {
        method: "GET",
        uri: "https://graph.microsoft.com@{body('Look_up_request')?['path']}",
        headers: { Accept: "application/json" },
        authentication: { type: "ManagedServiceIdentity", identity, audience: "https://graph.microsoft.com" },
        retryPolicy: { type: "fixed", count: 2, interval: "PT5S" },
      },
    ]);
  });

  it("reads only the name of a request from its caller, and uses it only to look the request up", () => {
    const reads = [...JSON.stringify(definition).matchAll(/trigger(?:Outputs|Body)\(\)[^,)]*/g)].map(
      ([read]) => read,
    );
    expect(reads).toEqual(["triggerOutputs()?['queries']?['request']"]);
    expect(definition.actions["Look_up_request"]).toMatchObject({
      type: "ParseJson",
      inputs: {
        content: "@parameters('requests')?[coalesce(triggerOutputs()?['queries']?['request'], '')]",
        schema: { type: "object", required: ["path", "field"] },
      },
    });
    expect(definition.parameters).toEqual({
      requests: {
        type: "Object",
        defaultValue: {
          people: { path: "/v1.0/users?$top=5", field: "displayName" },
          sites: { path: "/v1.0/sites/root", field: "name" },
        },
      },
    });
  });

  it("does not bring its caller's token into the run", () => {
    expect(JSON.stringify(definition)).not.toMatch(/operationOptions|Authorization/);
  });
});
