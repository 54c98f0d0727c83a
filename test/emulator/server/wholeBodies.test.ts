import { describe, expect, it } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { wholeRequest } from "../../../emulator/server/wholeBodies";
import { createTenant } from "../../../emulator/tenant/tenant";

/** What each way of reading finds. */
async function readings(of: Request | Response): Promise<unknown> {
  const { body } = of;
  return {
    json: await of.json(),
    text: await of.text(),
    bytes: Buffer.from(await of.arrayBuffer()).toString(),
    blob: await (await of.blob()).text(),
    body: body === null ? undefined : await new Response(body).text(),
    clone: await of.clone().text(),
  };
}

function same(text: string): unknown {
  return { json: JSON.parse(text), text, bytes: text, blob: text, body: text, clone: text };
}

describe("an answer of the emulated tenant", () => {
  it("can be read in each way that the standard has", async () => {
    const url = "https://graph.microsoft.com/v1.0/organization";
    const answer = await azure(createTenant())(new Request(url));
    expect(await readings(answer)).toEqual(same(await answer.text()));
    const { status, headers } = answer.clone();
    expect([status, headers.get("content-type")]).toEqual([401, "application/json; charset=utf-8"]);
  });
});

describe("a request to the emulated tenant", () => {
  it("can be read in each way that the standard has", async () => {
    const text = '{"name":"é"}';
    const request = wholeRequest("https://graph.microsoft.com/", "POST", [], Buffer.from(text));
    expect(await readings(request)).toEqual(same(text));
  });

  it("has headers that differ in no way from those of the standard", () => {
    const given: [string, string][] = [
      ["Accept", "text/html"],
      ["X-Name", "a"],
      ["accept", "application/json"],
    ];
    const standard = new Headers(given);
    const { headers } = wholeRequest("https://graph.microsoft.com/", "GET", given, Buffer.alloc(0));
    for (const each of [standard, headers]) {
      each.delete("x-name");
      each.append("Prefer", "a");
      each.append("prefer", "b");
      each.set("ETAG", "c");
    }
    expect([...headers.entries()]).toEqual([...standard]);
    expect([...headers].sort()).toEqual([...standard]);
    const names = ["ACCEPT", "X-Name", "prefer", "etag"];
    expect(names.map((name) => [headers.get(name), headers.has(name)])).toEqual(
      names.map((name) => [standard.get(name), standard.has(name)]),
    );
  });

  it("has no body where the standard allows none", async () => {
    const request = wholeRequest("https://graph.microsoft.com/", "GET", [], Buffer.from("x"));
    expect([request.signal.aborted, request.redirect]).toEqual([false, "follow"]);
    expect([request.body, await request.clone().text()]).toEqual([null, ""]);
  });
});
