import * as grpc from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProviders, type ServedProviders } from "../../../../emulator/pulumi/startProviders";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../../support/emulatedAzureServer";
import { bundledEntry } from "../../../support/inlineEngine";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const urn = "urn:pulumi:test::copilot-token::azure-native:keyvault:Vault::kv-";
const groupUrn = "urn:pulumi:test::copilot-token::azure-native:resources:ResourceGroup::rg-";

let azure: EmulatedAzureServer;
let served: ServedProviders;
let clients: Record<string, ResourceProviderClient>;

beforeAll(async () => {
  azure = await startEmulatedAzure();
  served = await startProviders(["azure-native", "random"], azure.environment, bundledEntry("serveProvider"));
  clients = Object.fromEntries(
    served.debugProviders.split(",").map((entry) => {
      const [name = "", port = ""] = entry.split(":");
      return [name, new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure())];
    }),
  );
});
afterAll(async () => {
  for (const client of Object.values(clients)) client.close();
  await served.close();
  await azure.close();
});

const struct = (values: object): Struct => Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
const values = (message: Struct | undefined): Record<string, JavaScriptValue> =>
  message?.toJavaScript() ?? {};

type Answer<T> = (error: grpc.ServiceError | null, response: T) => void;

/** One call of the served azure-native, as the engine makes it. */
function ask<T>(call: (client: ResourceProviderClient, answer: Answer<T>) => unknown): Promise<T> {
  const client = clients["azure-native"];
  if (client === undefined) throw new Error("azure-native is not served");
  return new Promise((resolve, reject) => {
    call(client, (error, response) => {
      if (error === null) resolve(response);
      else reject(new Error(error.details));
    });
  });
}

async function check(typeUrn: string, news: object, olds: object = {}) {
  const request = new messages.CheckRequest();
  request.setUrn(typeUrn);
  request.setNews(struct(news));
  request.setOlds(struct(olds));
  return await ask<messages.CheckResponse>((client, answer) => client.check(request, answer));
}

async function create(typeUrn: string, inputs: object, preview = false) {
  const request = new messages.CreateRequest();
  request.setUrn(typeUrn);
  request.setProperties(struct(inputs));
  request.setPreview(preview);
  return await ask<messages.CreateResponse>((client, answer) => client.create(request, answer));
}

const vaultInputs = {
  resourceGroupName: "served",
  vaultName: "kv-served",
  location: "westeurope",
  properties: { tenantId: "", sku: { family: "A", name: "standard" }, enableRbacAuthorization: true },
};

describe("startProviders", () => {
  it("names each provider with its port, for the CLI", () => {
    expect(served.debugProviders).toMatch(/^azure-native:\d+,random:\d+$/);
  });

  it("refuses to serve where there is no emulator", async () => {
    const real = { PATH: process.env["PATH"], ARM_CLIENT_ID: "x" };

    await expect(startProviders(["azuread"], real, bundledEntry("serveProvider"))).rejects.toThrow(
      expect.objectContaining({ code: "EMULATOR_REQUIRED" }),
    );
  });
});

describe("a served provider", () => {
  it("is configured before it works, and leaves secrets to the engine", async () => {
    await expect(check(groupUrn, {})).rejects.toThrow("before it was configured");
    const request = new messages.ConfigureRequest();
    request.setArgs(struct({ location: "northeurope" }));
    const configured = await ask<messages.ConfigureResponse>((client, answer) =>
      client.configure(request, answer),
    );

    expect([configured.getAcceptsecrets(), configured.getSupportspreview()]).toEqual([false, true]);
    expect(values((await check(groupUrn, {})).getInputs())).toMatchObject({ location: "northeurope" });
    const info = await ask<PluginInfo>((client, answer) => client.getPluginInfo(new Empty(), answer));
    expect(info.getVersion()).toBe("3.28.0");
  });

  it("is configured apart for each connection, as the engine has one for each provider of a program", async () => {
    const first = clients["azure-native"];
    const { port } = /azure-native:(?<port>\d+)/.exec(served.debugProviders)?.groups ?? {};
    // Without this both would share one connection.
    const second = new ResourceProviderClient(`127.0.0.1:${port ?? ""}`, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    const request = new messages.ConfigureRequest();
    request.setArgs(struct({ location: "westeurope" }));
    clients["azure-native"] = second;
    await ask<messages.ConfigureResponse>((client, answer) => client.configure(request, answer));
    expect(values((await check(groupUrn, {})).getInputs())).toMatchObject({ location: "westeurope" });
    if (first !== undefined) clients["azure-native"] = first;
    expect(values((await check(groupUrn, {})).getInputs())).toMatchObject({ location: "northeurope" });
    second.close();
  });

  it("previews a creation without a request", async () => {
    azure.requests();
    const response = await create(urn, { ...vaultInputs, tags: { a: unknown } }, true);

    expect([response.getId(), values(response.getProperties())]).toEqual([
      "",
      { resourceGroupName: "served", vaultName: "kv-served", location: "westeurope" },
    ]);
    expect(azure.requests()).toEqual([]);
  });

  it("creates, tells differences by property, updates, finds drift, deletes", async () => {
    await create(groupUrn, { resourceGroupName: "served", location: "westeurope" });
    const inputs = {
      ...vaultInputs,
      properties: { ...vaultInputs.properties, tenantId: azure.tenant.state.tenantId },
    };
    const created = await create(urn, inputs);
    const id = created.getId();
    const outputs = values(created.getProperties());
    expect(outputs).toMatchObject({ name: "kv-served" });

    const asked = new messages.DiffRequest();
    asked.setId(id);
    asked.setUrn(urn);
    asked.setOlds(struct(outputs));
    asked.setOldInputs(struct(inputs));
    asked.setNews(struct({ ...inputs, vaultName: unknown, tags: { a: "1" } }));
    const difference = await ask<messages.DiffResponse>((client, answer) => client.diff(asked, answer));
    const { DIFF_SOME } = messages.DiffResponse.DiffChanges;
    expect([difference.getChanges(), difference.getReplacesList(), difference.getDiffsList()]).toEqual([
      DIFF_SOME,
      ["vaultName"],
      ["tags", "vaultName"],
    ]);
    const kinds = [...difference.getDetaileddiffMap().entries()].map(([key, detail]) => [
      key,
      detail.getKind(),
    ]);
    const { Kind } = messages.PropertyDiff;
    expect(kinds).toEqual([
      ["tags", Kind.ADD],
      ["vaultName", Kind.UPDATE_REPLACE],
    ]);

    const update = new messages.UpdateRequest();
    update.setId(id);
    update.setUrn(urn);
    update.setOlds(struct(outputs));
    update.setOldInputs(struct(inputs));
    update.setNews(struct({ ...inputs, tags: { a: "1" } }));
    update.setPreview(true);
    const planned = values(
      (await ask<messages.UpdateResponse>((client, answer) => client.update(update, answer))).getProperties(),
    );
    expect(planned).toMatchObject({ name: "kv-served", tags: { a: "1" } });
    expect(planned["properties"]).toMatchObject({ vaultUri: "https://kv-served.vault.azure.net/" });
    expect(azure.tenant.state.arm.resources[id.toLowerCase()]?.tags).toEqual({});
    update.setPreview(false);
    const updated = values(
      (await ask<messages.UpdateResponse>((client, answer) => client.update(update, answer))).getProperties(),
    );
    expect(updated).toMatchObject({ name: "kv-served", tags: { a: "1" } });

    const resource = azure.tenant.state.arm.resources[id.toLowerCase()];
    if (resource !== undefined) resource.tags = { a: "by hand" };
    const read = new messages.ReadRequest();
    read.setId(id);
    read.setUrn(urn);
    read.setProperties(struct(updated));
    read.setInputs(struct({ ...inputs, tags: { a: "1" } }));
    const found = await ask<messages.ReadResponse>((client, answer) => client.read(read, answer));
    expect(values(found.getInputs())).toEqual({ ...inputs, tags: { a: "by hand" } });

    const removal = new messages.DeleteRequest();
    removal.setId(id);
    removal.setUrn(urn);
    removal.setProperties(struct(updated));
    removal.setOldInputs(struct(inputs));
    await ask<Empty>((client, answer) => client.delete(removal, answer));
    expect((await ask<messages.ReadResponse>((client, answer) => client.read(read, answer))).getId()).toBe(
      "",
    );
  });

  it("calls functions, names invalid inputs, and passes on refusals", async () => {
    const call = new messages.InvokeRequest();
    call.setTok("azure-native:authorization:getClientConfig");
    call.setArgs(struct({}));
    const answer = await ask<messages.InvokeResponse>((client, answer) => client.invoke(call, answer));
    expect(values(answer.getReturn())).toMatchObject({ objectId: azure.tenant.identities.deployer.objectId });

    const failures = (await check(groupUrn, { colour: "blue" })).getFailuresList();
    expect(failures.map((failure) => failure.getProperty())).toEqual(["colour"]);
    await expect(create(urn, { ...vaultInputs, resourceGroupName: "nowhere" })).rejects.toThrow(
      "ResourceGroupNotFound",
    );
  });
});
